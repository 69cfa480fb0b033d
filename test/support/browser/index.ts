import type { TestContext } from "vitest";
import { findChromium, HOW_TO_GET_ONE } from "../../../scripts/chromium.mjs";

let found: Promise<string | null> | undefined;

/**
 * The program of a Chromium, for a test that needs one. Without one the test is skipped, with how to get one in its
 * reason; in CI, where nobody would read that, it fails.
 */
export async function requireChromium(ctx: TestContext): Promise<string> {
  found ??= findChromium();
  const path = await found;
  if (path !== null) return path;
  const reason = `needs a Chromium: ${HOW_TO_GET_ONE}`;
  if (process.env["CI"] === "true") throw new Error(`This test ${reason}`);
  ctx.skip(reason);
  throw new Error("a skipped test goes on");
}
