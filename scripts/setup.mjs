// What a fresh clone needs before anything can run: a Node that is new enough, the installed dependencies, the built
// output. Only builtins are imported here, because node_modules may not exist yet.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import util from "node:util";
import { explainInstallFailure, explainUnwritableCache, networkFailure } from "./install-failure.mjs";

/** The folder that holds package.json, wherever the command was called from. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** A failure that a person can mend: shown as a sentence, without a stack. */
export class SetupError extends Error {}

/**
 * Makes the clone ready: checks Node, installs when node_modules is missing or stale, and builds when out/ does not
 * stem from these sources. Progress goes to stderr, so that the output of the command itself stays clean.
 * @param {{ build: boolean }} options
 * @throws {SetupError} when something is missing that only the user can mend
 */
export async function prepare({ build }) {
  requireNode(process.versions.node, readJson(join(root, "package.json")).engines.node);
  if (!isInstalled(root)) await install(root);
  if (build && !isBuilt(root)) await buildOutput(root);
}

/**
 * Runs a script's body and turns what it throws into an exit code: a {@link SetupError} is a message, anything else a
 * defect that keeps its stack.
 * @param {() => Promise<number>} body
 */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/**
 * @param {string} running version without the "v"
 * @param {string} range the `engines.node` of package.json, of the form ">=20.19"
 */
export function requireNode(running, range) {
  const [major = 0, minor = 0] = running.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = range.replace(/^>=/, "").split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `Kite Desktop needs Node ${wantedMajor}.${wantedMinor} or newer; this is Node ${running} (${process.execPath}). ` +
      "Install a newer Node from https://nodejs.org and try again.",
  );
}

/**
 * Whether node_modules holds what package-lock.json asks for, on this platform. npm writes node_modules/.package-lock.json
 * as its last step, so an interrupted installation counts as none.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const present = packagesIn(join(folder, "node_modules", ".package-lock.json"));
  const wanted = packagesIn(join(folder, "package-lock.json"));
  if (!present || !wanted) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path !== "" && !entry.optional && present[path]?.version !== entry.version) return false;
  }
  // A folder copied from another platform has the right versions with the wrong binaries.
  return Object.entries(present).every(
    ([path, entry]) =>
      wanted[path]?.version === entry.version &&
      (entry.os?.includes(process.platform) ?? true) &&
      (entry.cpu?.includes(process.arch) ?? true),
  );
}

/** @param {string} folder */
async function install(folder) {
  const started = Date.now();
  say(`Installing dependencies (npm ci) in ${folder}`);
  const npm = (/** @type {string[]} */ ...args) =>
    capture(process.execPath, [npmCli(), ...args, "--loglevel=error", "--no-update-notifier"], folder);

  // Asked first, because npm calls a read-only cache by many names.
  const cache = process.env.npm_config_cache ?? (await npm("config", "get", "cache")).output.trim();
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch {
    throw new SetupError(explainUnwritableCache(cache, process.env));
  }

  // Without a network npm would retry every single package, for minutes.
  const ping = await npm("ping", "--fetch-retries=0", "--fetch-timeout=10000");
  const offline = ping.code === 0 ? undefined : networkFailure(ping.output);
  if (offline) say(`npm cannot reach its registry (${offline}); trying with what its cache holds`);

  const heartbeat = setInterval(() => say(`  still installing, ${seconds(started)} so far`), 15_000);
  const { code, output } = await npm("ci", "--no-audit", "--no-fund", ...(offline ? ["--offline"] : []));
  clearInterval(heartbeat);
  if (code !== 0) throw new SetupError(explainInstallFailure(output, { folder, env: process.env }));
  say(`Installed in ${seconds(started)}`);
}

/**
 * The path of npm's own script: the npm that called us, else the one beside this Node. Running it with Node avoids
 * `npm.cmd`, which Windows starts only through a shell.
 */
function npmCli() {
  const caller = process.env.npm_execpath;
  if (caller && basename(caller) === "npm-cli.js") return caller;
  const nodeFolder = dirname(process.execPath);
  const places = [nodeFolder, join(nodeFolder, "..", "lib"), join(nodeFolder, "..", "share")];
  const found = places.map((place) => join(place, "node_modules", "npm", "bin", "npm-cli.js")).find(existsSync);
  if (found) return found;
  throw new SetupError(
    `node_modules is missing or out of date, and npm was not found beside ${process.execPath}. ` +
      `Run "npm ci" in ${root}, then try again.`,
  );
}

const stampOf = (/** @type {string} */ folder) => join(folder, "out", ".built-from");

/**
 * Whether out/ was built from these sources. Contents are compared, not times, which checkouts and copies change.
 * @param {string} folder
 */
export function isBuilt(folder) {
  const stamp = stampOf(folder);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(folder);
}

/** @param {string} folder */
async function buildOutput(folder) {
  const started = Date.now();
  try {
    mkdirSync(join(folder, "out"), { recursive: true });
    rmSync(stampOf(folder), { force: true });
  } catch (error) {
    throw new SetupError(`Kite Desktop has to be built into ${join(folder, "out")}, which fails: ${error}`);
  }
  const before = fingerprint(folder);
  const electronVite = join(folder, "node_modules", "electron-vite", "bin", "electron-vite.js");
  const { code, output } = await capture(process.execPath, [electronVite, "build"], folder);
  if (code !== 0) throw new SetupError(`The build failed (electron-vite build):\n\n${output.trim()}`);
  writeFileSync(stampOf(folder), before);
  say(`Built in ${seconds(started)}`);
}

/**
 * One hash over everything the build reads.
 * @param {string} folder
 */
function fingerprint(folder) {
  const hash = createHash("sha256");
  const inputs = [
    "package.json",
    "package-lock.json",
    "electron.vite.config.ts",
    "tsconfig.json",
    ...filesIn(folder, "src"),
  ];
  for (const path of inputs)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(folder, path)))
      .update("\0");
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @param {string} path relative to folder
 * @returns {string[]} the files below it, in a fixed order
 */
function filesIn(folder, path) {
  const entries = readdirSync(join(folder, path), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    return entry.isDirectory() ? filesIn(folder, child) : [child];
  });
}

/**
 * Runs a command to its end and keeps what it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {AbortSignal} [signal] ends it
 * @returns {Promise<{ code: number, output: string }>} code 1 when it was ended by a signal
 */
export function capture(command, args, cwd, signal) {
  return new Promise((done, fail) => {
    const { FORCE_COLOR: _, ...env } = process.env;
    const stdio = /** @type {["ignore", "pipe", "pipe"]} */ (["ignore", "pipe", "pipe"]);
    const child = spawn(command, args, { cwd, env: { ...env, NO_COLOR: "1" }, stdio, ...(signal ? { signal } : {}) });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", fail);
    // Some tools colour what they print even when asked not to.
    child.once("close", (code) => done({ code: code ?? 1, output: util.stripVTControlCharacters(output) }));
  });
}

/**
 * @param {string} path of a package-lock.json
 * @returns {Record<string, { version?: string, optional?: boolean, os?: string[], cpu?: string[] }> | undefined}
 */
function packagesIn(path) {
  return existsSync(path) ? readJson(path).packages : undefined;
}

const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(path, "utf8"));
const say = (/** @type {string} */ line) => console.error(line);
const seconds = (/** @type {number} */ since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
