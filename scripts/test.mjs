// npm test: makes the clone ready, then runs every test. Arguments go to vitest: npm test -- test/rules
import { join } from "node:path";
import { HOW_TO_GET_ONE, obtainChromium } from "./chromium.mjs";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: true });
  const args = process.argv.slice(2);
  const chosen = args.some((arg) => arg.startsWith("--reporter")) ? [] : ["--reporter=default"];
  // In this order, because each reporter prints its end when its turn comes.
  const reporters = [...chosen, ...args, `--reporter=${join(root, "scripts", "closing-reporter.mjs")}`];
  // The default loader writes beside the packages, which may belong to another user.
  const vitest = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--configLoader=runner"];
  const chromium = await obtainChromium((line) => console.error(line));
  if (chromium.path === null)
    console.error(`Browser tests cannot run: ${chromium.why}. To run them, ${HOW_TO_GET_ONE}.`);
  const env = chromium.path === null ? process.env : { ...process.env, KITE_CHROMIUM: chromium.path };
  return runInForeground([...vitest, ...reporters], { cwd: root, env });
});
