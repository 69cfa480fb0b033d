// npm run bench: makes the clone ready, then runs bench/run.ts. Arguments go to it.
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: true });
  return runInForeground(["--import", "tsx", join(root, "bench", "run.ts"), ...process.argv.slice(2)], { cwd: root });
});
