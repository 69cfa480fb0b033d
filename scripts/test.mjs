// npm test: makes the clone ready, then runs every test. Arguments go to vitest: npm test -- test/shared
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: true });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", `--reporter=${join(root, "scripts", "closing-reporter.mjs")}`];
  return runInForeground([vitest, "run", ...reporters, ...process.argv.slice(2)], { cwd: root });
});
