import { protocol } from "electron";
import { answer, type Folders, SCHEME } from "./app-pages.ts";

/** To be called before the app is ready: later the scheme could not be made a standard one. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the app's own files, and nothing beside them. */
export function serveAppScheme(folders: Folders): void {
  protocol.handle(SCHEME, (request) => answer(request.method, request.url, folders));
}
