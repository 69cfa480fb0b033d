import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

/** How often the whole heap is collected over the same work. */
async function collections(how: "grow" | "as-it-is"): Promise<number> {
  const child = ["--expose-gc", "--import", "tsx", join(import.meta.dirname, "churn.ts"), how];
  return Number((await run(process.execPath, child)).stdout);
}

it("lets the heap grow to more than twice its size before V8 collects it in full", async () => {
  const [usual, grown] = await Promise.all([collections("as-it-is"), collections("grow")]);
  expect(usual).toBeGreaterThan(0);
  expect(grown).toBe(0);
}, 30_000);
