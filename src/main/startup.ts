import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError, type Loaded, loadConfig } from "./config/index.ts";
import { FolderKeyError } from "./folder-key.ts";
import { ListenError, MigrationError, SecretKeyError, TlsFilesError, TransferError } from "./hub/index.ts";
import { defaultDataDir, PostgresError } from "./postgres/index.ts";

/** The version in package.json. */
export function programVersion(): string {
  const path = join(import.meta.dirname, "..", "..", "package.json");
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, "utf8"))).version;
}

/** The configuration that a command line, the environment and the file make. @throws ConfigError */
export function loadStart(argv: readonly string[]): Loaded {
  const isRoot = process.getuid?.() === 0;
  return loadConfig({
    argv,
    env: process.env,
    terminal: process.stderr.isTTY === true,
    defaultDataDir: () => defaultDataDir(process.env, process.platform, isRoot),
  });
}

/** Errors whose message says all that a person needs; anything else is a fault of ours, and shown with its stack. */
export function describeError(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof FolderKeyError ||
    error instanceof ListenError ||
    error instanceof PostgresError ||
    error instanceof MigrationError ||
    error instanceof SecretKeyError ||
    error instanceof TlsFilesError ||
    error instanceof TransferError
  )
    return error.message;
  if (error instanceof Error && "code" in error) {
    if (error.code === "28P01" || error.code === "28000")
      return `PostgreSQL does not let this user in: ${error.message}. Check KITE_DATABASE_URL.`;
    if (error.code === "ECONNREFUSED" || error.code === "ENOTFOUND" || error.code === "3D000")
      return `The database cannot be reached: ${error.message}. Check KITE_DATABASE_URL.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
