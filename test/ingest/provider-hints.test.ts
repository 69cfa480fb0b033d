import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { providerOf } from "../../src/main/hub/ingest/index.ts";
import { PROVIDER_HINTS } from "../../src/shared/provider-hints.ts";
import { SAMPLES } from "./provider-samples.ts";

// That each has a hint, a signature check and a signer is held by their types.
it.each(PROVIDER_HINTS)("the hint for $source names the header that is checked", ({ source, signatureHeader }) => {
  const check = providerOf(source)?.verify({ headers: {}, body: Buffer.alloc(0), urls: [], now: 0 }, ["secret"]);
  expect(check).toMatchObject({ ok: false, header: signatureHeader.toLowerCase(), problem: "missing" });
});

it.each(PROVIDER_HINTS)("$source has a sample, and a row in docs/compatibility.md", ({ source }) => {
  expect(SAMPLES.map(({ provider }) => provider)).toContain(source);
  const rows = readFileSync(resolve("docs/compatibility.md"), "utf8").split("\n");
  expect(rows.filter((row) => row.startsWith(`| \`${source}\`: `))).not.toEqual([]);
});
