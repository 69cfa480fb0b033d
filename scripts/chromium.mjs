// Finds a Chromium for tests and screenshots, and gets one where that can be done.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { capture, root } from "./setup.mjs";

/** Downloads are bounded, in milliseconds: a closed network must not hold up the tests. */
const DOWNLOAD_MS = 180_000;

/** What Chromium is started with, everywhere: quiet, and able to run as root and with a small /dev/shm. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-component-update",
];

export const HOW_TO_GET_ONE =
  "set KITE_CHROMIUM to a Chromium or Chrome, install one (Debian: apt-get install chromium), " +
  "or run: npx playwright-core install chromium-headless-shell";

/**
 * The program of a Chromium on this machine: the one of KITE_CHROMIUM, the system's, Playwright's.
 * @returns {Promise<string | null>}
 */
export async function findChromium() {
  const wanted = process.env.KITE_CHROMIUM;
  if (wanted) return existsSync(wanted) ? wanted : null;
  const installed = systemPlaces().find(existsSync);
  if (installed) return installed;
  const { chromium } = await import("playwright-core");
  const places = [chromium.executablePath(), ...(await headlessShell())];
  return places.find((path) => path && existsSync(path)) ?? null;
}

/** Playwright's smaller Chromium, which only it knows the place of. */
async function headlessShell() {
  const cli = join(root, "node_modules", "playwright-core", "cli.js");
  const { output } = await capture(process.execPath, [cli, "install", "--dry-run", "chromium-headless-shell"], root);
  const folder = output.match(/Install location:\s*(\S.*\S)/)?.[1];
  if (!folder) return [];
  const programs = {
    win32: ["chrome-headless-shell-win64/chrome-headless-shell.exe"],
    darwin: [`chrome-headless-shell-mac-${process.arch}/chrome-headless-shell`],
    linux: ["chrome-headless-shell-linux64/chrome-headless-shell", "chrome-linux/headless_shell"],
  };
  return (programs[/** @type {keyof typeof programs} */ (process.platform)] ?? []).map((path) => join(folder, path));
}

function systemPlaces() {
  switch (process.platform) {
    case "darwin":
      return ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
    case "win32":
      return [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA].flatMap((folder) =>
        folder ? [join(folder, "Google", "Chrome", "Application", "chrome.exe")] : [],
      );
    default:
      return ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].map(
        (name) => `/usr/bin/${name}`,
      );
  }
}

/**
 * A Chromium by all means: found, else downloaded by Playwright, else installed by apt as root on Debian.
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string } | { path: null, why: string }>}
 */
export async function obtainChromium(say) {
  const found = await findChromium();
  if (found) return { path: found };
  if (process.env.KITE_CHROMIUM) return { path: null, why: `there is no ${process.env.KITE_CHROMIUM}` };
  say("No Chromium was found; trying to download one for the browser tests");
  const cli = join(root, "node_modules", "playwright-core", "cli.js");
  const attempts = [{ command: process.execPath, args: [cli, "install", "chromium-headless-shell"] }];
  if (process.getuid?.() === 0 && isDebian())
    attempts.push({ command: "apt-get", args: ["install", "-y", "--no-install-recommends", "chromium"] });
  for (const { command, args } of attempts) {
    await bounded(command, args);
    const path = await findChromium();
    if (path) return { path };
  }
  return { path: null, why: "no Chromium was found, and none could be downloaded" };
}

/**
 * @param {string} command
 * @param {string[]} args
 */
async function bounded(command, args) {
  const timer = AbortSignal.timeout(DOWNLOAD_MS);
  await capture(command, args, root, timer).catch(() => undefined);
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
