import { posix, win32 } from "node:path";
import { PostgresError } from "./errors.ts";

/**
 * Where a hub keeps its data when nobody chose a folder: the state folder of the platform's conventions.
 *
 * Root on Linux and macOS gets a system folder instead: PostgreSQL does not run as root, and no other account may pass
 * through root's home. `XDG_STATE_HOME`, being explicit, still counts.
 * @param env the environment; `XDG_STATE_HOME`, `HOME`, `LOCALAPPDATA` and `USERPROFILE` are read
 * @throws PostgresError KITE_POSTGRES_NO_HOME when the environment names no home
 */
export function defaultDataDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  isRoot: boolean,
): string {
  if (platform === "win32") {
    if (env.LOCALAPPDATA) return win32.join(env.LOCALAPPDATA, "Kite Desktop");
    return win32.join(home(env, "USERPROFILE"), "AppData", "Local", "Kite Desktop");
  }
  if (platform === "darwin") {
    if (isRoot) return "/Library/Application Support/Kite Desktop";
    return posix.join(home(env, "HOME"), "Library", "Application Support", "Kite Desktop");
  }
  // The XDG specification: a relative path is invalid and is to be ignored.
  if (env.XDG_STATE_HOME && posix.isAbsolute(env.XDG_STATE_HOME)) return posix.join(env.XDG_STATE_HOME, "kite-desktop");
  if (isRoot) return "/var/lib/kite-desktop";
  return posix.join(home(env, "HOME"), ".local", "state", "kite-desktop");
}

function home(env: Readonly<Record<string, string | undefined>>, variable: string): string {
  const folder = env[variable];
  if (!folder) throw new PostgresError("KITE_POSTGRES_NO_HOME", variable);
  return folder;
}
