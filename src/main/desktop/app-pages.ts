import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { contentPolicy } from "../../shared/content-policy.ts";
import { readUrl } from "./address.ts";

export const SCHEME = "app";

/** Where the pages of the app live: an origin of their own, with storage and none of the powers of `file:`. */
export const ORIGIN = `${SCHEME}://kite`;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** The folders that the origin shows, by the first part of the path. */
export interface Folders {
  readonly console: string;
  readonly splash: string;
}

/** What a request for `url` gets: a file of the app, or that there is none. */
export async function answer(method: string, url: string, folders: Folders): Promise<Response> {
  const file = method === "GET" || method === "HEAD" ? fileOf(url, folders) : null;
  const body = file === null ? null : await readFile(file).catch(() => null);
  const headers = {
    "content-security-policy": contentPolicy(),
    "content-type": TYPES[extname(file ?? "")] ?? "application/octet-stream",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  if (body === null)
    return new Response("There is no such file in the app.", {
      status: 404,
      headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
    });
  return new Response(new Uint8Array(body), { headers });
}

function fileOf(url: string, folders: Folders): string | null {
  const parsed = readUrl(url);
  if (parsed === null || parsed.host !== "kite") return null;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  if (path.includes("\0")) return null;
  const [folder, rest] = path.startsWith("/splash/")
    ? [folders.splash, path.slice("/splash".length)]
    : [folders.console, path];
  const file = normalize(join(folder, rest.endsWith("/") ? `${rest}index.html` : rest));
  return file.startsWith(normalize(folder + sep)) ? file : null;
}

/** Whether an address belongs to the app itself. In development its pages come from the dev server. */
export function isOwnPage(url: string, devServer: string | null): boolean {
  const parsed = readUrl(url);
  if (parsed === null) return false;
  const origin = `${parsed.protocol}//${parsed.host}`;
  return origin === ORIGIN || (devServer !== null && origin === readUrl(devServer)?.origin);
}
