import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, chromium, type Route } from "playwright-core";
import { CHROMIUM_ARGS, findChromium } from "../../../scripts/chromium.mjs";
import { app, lifecycle } from "./app.ts";

/**
 * Chromium cannot be taught a scheme from outside, so the app's pages live at an address of the reserved domain `test`,
 * and every request to it is answered by the app's own handler. What the app is told is `app://…`, as in Electron.
 */
const STAND_IN = /^https:\/\/([\w-]+)\.([\w-]+)\.scheme\.test/;

export const toChromium = (url: string): string =>
  url.replace(/^([a-z]+):\/\/([\w-]+)/, (all, scheme: string, host: string) =>
    handlers.has(scheme) ? `https://${host}.${scheme}.scheme.test` : all,
  );
export const toElectron = (url: string): string => url.replace(STAND_IN, "$2://$1");

type Handler = (request: { url: string; method: string }) => Response | Promise<Response>;
const handlers = new Map<string, Handler>();

export const protocol = {
  registerSchemesAsPrivileged(): void {
    if (app.isReady()) throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
  },
  handle(scheme: string, handler: Handler): void {
    handlers.set(scheme, handler);
  },
};

let context: BrowserContext | null = null;

/** The browser's one context, whose pages a test can reach through the debugging port as well. */
export function browserContext(): BrowserContext {
  if (context === null) throw new Error("windows can be made when the app is ready");
  return context;
}

lifecycle.open = async () => {
  const folder = join(app.getPath(), "chromium");
  mkdirSync(folder, { recursive: true });
  const executablePath = await findChromium();
  if (executablePath === null) throw new Error("the double of Electron needs a Chromium");
  const args = [...CHROMIUM_ARGS, "--remote-debugging-port=0"];
  context = await chromium.launchPersistentContext(folder, { executablePath, args, viewport: null });
  await context.route(STAND_IN, answer);
};
lifecycle.shut = async () => {
  await context?.close();
};

async function answer(route: Route): Promise<void> {
  const request = route.request();
  const url = toElectron(request.url());
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return route.abort("failed");
  const response = await handler({ url, method: request.method() });
  const body = Buffer.from(await response.arrayBuffer());
  await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
}
