// Turns what a failed `npm ci` printed into what went wrong, where, and how to mend it.
import { tmpdir } from "node:os";
import { join, sep } from "node:path";

const network = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)$/;

/**
 * @param {string} output what npm printed
 * @param {{ folder: string, env: Record<string, string | undefined> }} context the project's folder and the environment
 * @returns {string} the message for the user; npm's own last lines close it when they add something
 */
export function explainInstallFailure(output, { folder, env }) {
  const code = field(output, "code");
  const path = field(output, "path");
  if (path && /^(EACCES|EPERM|EROFS)$/.test(code)) {
    if (path !== folder && !path.startsWith(folder + sep)) return explainUnwritableCache(path, env);
    return (
      `Installing failed: ${path} is not writable. Give this user write access to ${folder}, ` +
      "or clone Kite Desktop into a folder of your own."
    );
  }
  if (code === "ENOSPC")
    return `Installing failed: the disk is full${path && ` (at ${path})`}. Free some space and try again.`;
  if (code === "ENOTCACHED" || networkFailure(output)) {
    const why = code === "ENOTCACHED" ? "and its cache does not hold every package" : networkFailure(output);
    return (
      `Installing failed: npm could not reach its registry, ${why}. ` +
      "Check the network; behind a proxy set HTTPS_PROXY, for a mirror set npm_config_registry, and try again."
    );
  }
  if (code === "EUSAGE")
    return `Installing failed: package.json and package-lock.json do not fit together.\n\n${tail(output)}`;
  return `Installing failed (npm ci).\n\n${tail(output)}`;
}

/**
 * @param {string} output what a failed npm printed
 * @returns {string | undefined} why the registry could not be reached; undefined when the failure is another
 */
export function networkFailure(output) {
  const code = field(output, "code");
  if (!network.test(code)) return undefined;
  return output.match(/request to \S+ failed, reason: .*/)?.[0] ?? code;
}

/**
 * @param {string} path the cache, or what in it could not be written
 * @param {Record<string, string | undefined>} env
 */
export function explainUnwritableCache(path, env) {
  const script = env.npm_lifecycle_event ?? "start";
  const command = script === "start" || script === "test" ? `npm ${script}` : `npm run ${script}`;
  return (
    `Installing failed: npm cannot write its cache (${path}), as happens with a read-only home folder. ` +
    "Set npm_config_cache to a writable folder (or HOME, which npm's default lies in) and try again, for example:\n\n" +
    `  ${assignment("npm_config_cache", join(tmpdir(), "npm-cache"))}${command}`
  );
}

/**
 * How the usual shell of this platform sets a variable for a command.
 * @param {string} name
 * @param {string} value
 */
function assignment(name, value) {
  return process.platform === "win32" ? `$env:${name} = "${value}"; ` : `${name}=${value} `;
}

/**
 * @param {string} output
 * @param {string} name a field of npm's error report: "code", "path" …
 */
function field(output, name) {
  return output.match(new RegExp(`^npm (?:error|ERR!) ${name} (.+)$`, "m"))?.[1]?.trim() ?? "";
}

/** @param {string} output */
function tail(output) {
  const lines = output.split("\n").filter((line) => /^npm (error|ERR!) \S/.test(line) && !line.includes("    at "));
  return (lines.length > 0 ? lines : output.trim().split("\n")).slice(-12).join("\n");
}
