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
  if (/^(EACCES|EPERM|EROFS)$/.test(code)) return explainUnwritable(path, folder, env);
  if (code === "ENOSPC")
    return `Installing failed: the disk is full${path && ` (at ${path})`}. Free some space and try again.`;
  if (network.test(code) || code === "ENOTCACHED") {
    return (
      `Installing failed: npm could not reach its registry (${code}). Check the network; behind a proxy set HTTPS_PROXY, ` +
      `for a mirror set npm_config_registry, and try again.\n\n${tail(output)}`
    );
  }
  if (code === "EUSAGE")
    return `Installing failed: package.json and package-lock.json do not fit together.\n\n${tail(output)}`;
  return `Installing failed (npm ci).\n\n${tail(output)}`;
}

/**
 * @param {string} path what could not be written, "" when npm did not say
 * @param {string} folder
 * @param {Record<string, string | undefined>} env
 */
function explainUnwritable(path, folder, env) {
  if (path === folder || path.startsWith(folder + sep)) {
    return (
      `Installing failed: ${path} is not writable. Give this user write access to ${folder}, ` +
      "or clone Kite Desktop into a folder of your own."
    );
  }
  const cache = env.npm_config_cache ?? "";
  const where = path || cache || "its cache folder";
  return (
    `Installing failed: npm cannot write its cache (${where}), as happens with a read-only home folder. ` +
    "Set npm_config_cache to a writable folder (or HOME, which npm's default lies in) and try again, for example:\n\n" +
    `  ${assignment("npm_config_cache", join(tmpdir(), "npm-cache"))}npm ${env.npm_lifecycle_event ?? "start"}`
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
