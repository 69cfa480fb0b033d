// npm run lab: makes the clone ready, then runs labs from files (src/main/lab-command.ts). Arguments go to it.
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: false });
  return runInForeground(["--import", "tsx", join(root, "src", "main", "lab-command.ts"), ...process.argv.slice(2)]);
});
