// npm run dev: the app with hot reload. With Electron, electron-vite does all of it; in the browser, Vite serves the page
// and passes calls on to a hub that starts anew when its sources change. --browser chooses the browser. Ctrl-C ends it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createServer } from "vite";
import { electronBinary } from "./electron-binary.mjs";
import { runInForeground } from "./foreground.mjs";
import { main, prepare, root, SetupError } from "./setup.mjs";

await main(async () => {
  await prepare({ build: false });
  const args = process.argv.slice(2).filter((arg) => arg !== "--browser");
  const electron = process.argv.includes("--browser")
    ? { path: null, why: "as asked" }
    : await electronBinary((line) => console.error(line));
  if (electron.path !== null) {
    const cli = join(root, "node_modules", "electron-vite", "bin", "electron-vite.js");
    return runInForeground([cli, "dev", "--watch", "--", ...args], { cwd: root });
  }
  console.error(`Developing in the browser: ${electron.why}.`);
  return developInBrowser(args);
});

/**
 * @param {string[]} args the hub's
 * @returns {Promise<number>}
 */
async function developInBrowser(args) {
  const server = join(root, "src", "main", "server.ts");
  const hub = spawn(process.execPath, ["--watch", "--import", "tsx", server, "--console", "--json", ...args], {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => hub.kill(signal));
  const ended = new Promise((done) => hub.once("exit", (code) => done(code ?? 0)));

  /** @type {import("vite").ViteDevServer | undefined} */
  let page;
  const where = { target: "", token: "" };
  for await (const line of createInterface({ input: hub.stdout })) {
    // Each start tells where the hub is; what the watcher says between them is for people.
    if (!line.startsWith("{")) {
      console.log(line);
      continue;
    }
    const ready = JSON.parse(line);
    const { hash } = new URL(ready.console_url);
    where.target = ready.url;
    where.token = hash.slice("#token=".length);
    page ??= await servePage(where);
    const address = page.resolvedUrls?.local[0] ?? "";
    console.log(`\n  Console   ${address}${hash}\n  Hub       ${ready.url}\n  Hook URL  ${ready.hook_url}\n`);
  }
  const code = await ended;
  await page?.close();
  return code;
}

/**
 * Serves the console's page with hot reload; its calls go on to the hub as if the hub had served it. A page stays good
 * when the hub starts anew, which has another token then and perhaps another port.
 * @param {{ target: string, token: string }} where the hub is now
 */
async function servePage(where) {
  const { resolveConfig } = await import("electron-vite");
  const { config } = await resolveConfig({ root }, "serve", "development");
  if (!config?.renderer) throw new SetupError("electron.vite.config.ts has no renderer section to serve.");
  const page = await createServer({
    ...config.renderer,
    configFile: false,
    clearScreen: false,
    server: {
      proxy: {
        "/console/rpc": {
          target: where.target,
          ws: true,
          changeOrigin: true,
          configure: (proxy, options) => {
            Object.defineProperty(options, "target", { get: () => where.target, enumerable: true });
            proxy.on("proxyReqWs", (request) => {
              request.setHeader("origin", where.target);
              request.setHeader("sec-websocket-protocol", `kite.console, token.${where.token}`);
            });
          },
        },
      },
    },
  });
  await page.listen();
  return page;
}
