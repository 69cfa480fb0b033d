// Electron's own program: found, or fetched from GitHub at the first start, within a bound on time.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture, root } from "./setup.mjs";

const DOWNLOAD_MS = 90_000;
/** After a failure the network is left in peace for this time, so that each start is not a wait. */
const AGAIN_MS = 60 * 60_000;
const failed = join(root, "out", ".electron-failed");

/**
 * The program to run the app with, or why there is none.
 * @param {(line: string) => void} say
 * @param {{ platform?: NodeJS.Platform, env?: Record<string, string | undefined>, isRoot?: boolean }} [where]
 * @returns {Promise<{ path: string } | { path: null, why: string }>}
 */
export async function electronBinary(say, where = {}) {
  const { platform = process.platform, env = process.env, isRoot = process.getuid?.() === 0 } = where;
  if (!hasDisplay(platform, env)) return { path: null, why: "there is no display" };
  if (isRoot && platform === "linux") return { path: null, why: "Electron does not run as root" };
  const present = installed(env);
  if (present) return { path: present };
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < AGAIN_MS)
    return {
      path: null,
      why: `its binary could not be downloaded (it is tried again after an hour, or at once when ${failed} is deleted)`,
    };
  say("Downloading Electron, once");
  const install = join(root, "node_modules", "electron", "install.js");
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  await capture(process.execPath, [install], dirname(install), signal).catch(() => undefined);
  const path = installed(env);
  if (path) {
    rmSync(failed, { force: true });
    return { path };
  }
  mkdirSync(dirname(failed), { recursive: true });
  writeFileSync(failed, "");
  return { path: null, why: "its binary could not be downloaded from GitHub" };
}

/**
 * Whether a window could be seen.
 * @param {NodeJS.Platform} platform
 * @param {Record<string, string | undefined>} env
 */
export function hasDisplay(platform = process.platform, env = process.env) {
  return platform === "win32" || platform === "darwin" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** @param {Record<string, string | undefined>} env */
function installed(env) {
  const folder = join(root, "node_modules", "electron");
  const file = join(folder, "path.txt");
  const program = existsSync(file) ? readFileSync(file, "utf8") : "electron";
  const path = join(env.ELECTRON_OVERRIDE_DIST_PATH || join(folder, "dist"), program);
  return existsSync(path) ? path : undefined;
}
