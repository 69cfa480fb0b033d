import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contentPolicy } from "../../src/shared/content-policy.ts";
import { openConsoleUnderTest } from "./console-under-test.ts";

/** `fetch` would put its own Host header over ours. */
function statusAs(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("built pages are served: the index never kept, what has a hash kept for ever", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kite-pages-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>console</title>");
  await writeFile(join(folder, "assets", "index-abc123.js"), "export {};");
  const hub = await openConsoleUnderTest({ pages: folder });

  const index = await fetch(`${hub.url}/console/`);
  expect(await index.text()).toContain("<title>console</title>");
  expect(index.headers.get("cache-control")).toBe("no-store");
  expect(index.headers.get("content-security-policy")).toBe(contentPolicy([hub.url.replace("http", "ws")]));
  const asset = await fetch(`${hub.url}/console/assets/index-abc123.js`);
  expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(asset.headers.get("content-type")).toContain("javascript");
  expect((await fetch(`${hub.url}/console/..%2f..%2fetc%2fpasswd`)).status).toBeGreaterThanOrEqual(400);
  expect((await fetch(`${hub.url}/console/assets/nothing.js`)).status).toBe(404);
  expect(await statusAs("evil.example", `${hub.url}/console/`)).toBe(403);
  expect(await statusAs("localhost:1", `${hub.url}/console/`)).toBe(200);
});
