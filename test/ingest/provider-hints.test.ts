import { expect, it } from "vitest";
import { providerOf } from "../../src/main/hub/ingest/index.ts";
import { PROVIDER_HINTS } from "../../src/shared/provider-hints.ts";
import { SECRETS } from "./provider-signers.ts";

it("there is a hint for every provider the hub knows, and it names the header that is checked", () => {
  expect(PROVIDER_HINTS.map(({ source }) => source).sort()).toEqual(Object.keys(SECRETS).sort());
  for (const { source, signatureHeader } of PROVIDER_HINTS) {
    const check = providerOf(source)?.verify({ headers: {}, body: Buffer.alloc(0), urls: [], now: 0 }, ["secret"]);
    expect(check).toMatchObject({ ok: false, header: signatureHeader.toLowerCase(), problem: "missing" });
  }
});
