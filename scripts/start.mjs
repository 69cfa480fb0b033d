// npm start, npm run server: makes the clone ready, then runs the hub in this terminal.
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

await main(async () => {
  await prepare({ build: true });
  const args = process.argv.slice(2).filter((arg) => arg !== "--headless");
  return runInForeground([join(root, "out", "main", "server.js"), ...args]);
});
