import { join } from "node:path";
import { type TestContext, test } from "vitest";
import { requireChromium } from "../support/browser/index.ts";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { launchOf } from "../support/desktop-app.ts";
import { chromiumOf, OnDouble } from "../support/desktop-on-double.ts";
import { requireBuiltServer } from "../support/hub-process.ts";
import { until } from "../support/until.ts";

const NO_HUB = ["--database-url", "postgres://nobody:x@127.0.0.1:1/kite"];

const started = async (ctx: TestContext) => {
  requireBuiltServer();
  const dataDir = await temporaryDataFolder();
  const double = new OnDouble(launchOf({ dataDir, args: NO_HUB }), await requireChromium(ctx));
  await until("the splash is there", async () => (await double.pages(20_000)).length > 0);
  return { double, profile: join(dataDir, "desktop", "chromium") };
};

test("the double that nobody needs any more is ended, and its end is noticed", async (ctx) => {
  const { double } = await started(ctx);
  await double.kill();
});

test.skipIf(process.platform === "win32")(
  "a Chromium that hangs does not keep the double from being ended",
  async (ctx) => {
    const { double, profile } = await started(ctx);
    const pid = await until("its Chromium says who it is", () => chromiumOf(profile));
    process.kill(pid, "SIGSTOP");
    await double.kill(500);
    await until("its Chromium is gone", () => !isAlive(pid));
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
