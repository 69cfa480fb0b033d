// npm start: makes the clone ready, then runs the app; where Electron cannot run, the hub, with the console in the browser.
// npm run server: the hub alone. Arguments go to the program.
import { join } from "node:path";
import { electronBinary, hasDisplay } from "./electron-binary.mjs";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root } from "./setup.mjs";

/** What is answered in the terminal needs no window. */
const TERMINAL_ONLY = /^--(help|version|print-config|json|export|import)(=|$)|^-h$/;
const server = join(root, "out", "main", "server.js");

await main(async () => {
  await prepare({ build: true });
  const args = process.argv.slice(2).filter((arg) => arg !== "--headless" && arg !== "--browser");
  if (process.argv.includes("--headless") || args.some((arg) => TERMINAL_ONLY.test(arg)))
    return runInForeground([server, ...args]);
  const electron = process.argv.includes("--browser")
    ? { path: null, why: "as asked" }
    : await electronBinary((line) => console.error(line));
  if (electron.path !== null) return runInForeground([root, ...args], { program: electron.path });
  console.error(`The app runs in the browser: ${electron.why}.`);
  return runInForeground([server, "--console", ...(hasDisplay() ? ["--open"] : []), ...args]);
});
