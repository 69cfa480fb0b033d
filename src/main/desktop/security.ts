import { app, type Session, type WebContents, type WebPreferences } from "electron";
import { readUrl } from "./address.ts";
import { isOwnPage } from "./app-scheme.ts";

/** What every window is made with. A test holds each of these. */
export function webPreferences(preload: string, version: string): WebPreferences {
  return {
    preload,
    additionalArguments: [`--kite-version=${version}`],
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
  };
}

/**
 * No page of the app goes elsewhere, opens a window, embeds another app or asks for the machine's devices, whatever
 * content it shows. To be called once, before the first window.
 */
export function hardenApp(devServer: string | null): void {
  app.on("web-contents-created", (_event, contents) => hardenContents(contents, devServer));
}

function hardenContents(contents: WebContents, devServer: string | null): void {
  contents.on("will-navigate", (event) => {
    if (devServer === null || !isOwnPage(event.url, devServer)) event.preventDefault();
  });
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}

/** The console copies text, which Chromium asks for; all else is refused without a question. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(["clipboard-sanitized-write"]);

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback) =>
    callback(ALLOWED_PERMISSIONS.has(permission)),
  );
  session.setPermissionCheckHandler((_contents, permission) => ALLOWED_PERMISSIONS.has(permission));
  session.setDevicePermissionHandler(() => false);
}

/** The address to hand to the system, or null: only https leaves the app, and never with a password in it. */
export function externalUrl(text: unknown): string | null {
  const url = typeof text === "string" ? readUrl(text) : null;
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "" ? url.href : null;
}
