// npm run lint:topology: makes the clone ready, then lints a topology (src/main/lint-command.ts). Arguments go to it.
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: false });
  return runInForeground(["--import", "tsx", join(root, "src", "main", "lint-command.ts"), ...process.argv.slice(2)]);
});
