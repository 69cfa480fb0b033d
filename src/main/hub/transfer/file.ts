import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { SecretBox } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { type ExportOptions, type ExportSummary, exportHub } from "./export-hub.ts";
import { type ImportOptions, type ImportSummary, importHub } from "./import-hub.ts";
import { TransferError } from "./transfer-error.ts";

/**
 * Exports into a file that only its owner can read. It has its name only when it is complete: until then, and when the
 * export fails, there is nothing there, or what was there before.
 * @throws TransferError when the file cannot be written, and what {@link exportHub} throws
 */
export async function exportToFile(
  db: Database,
  secrets: SecretBox,
  path: string,
  options: ExportOptions,
): Promise<ExportSummary> {
  const partial = `${path}.partial`;
  const file = await opened(partial, "w", `The export cannot be written to ${path}`);
  try {
    const summary = await exportHub(db, secrets, file.createWriteStream({ flush: true }), options);
    await rename(partial, path);
    return summary;
  } catch (error) {
    await rm(partial, { force: true });
    throw explained(error, `The export cannot be written to ${path}`);
  }
}

/** Imports from a file. @throws TransferError when it cannot be read, and what {@link importHub} throws */
export async function importFromFile(
  db: Database,
  secrets: SecretBox,
  path: string,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const cannot = `The export cannot be read from ${path}`;
  const file = await opened(path, "r", cannot);
  try {
    return await importHub(db, secrets, file.createReadStream(), options);
  } catch (error) {
    throw explained(error, cannot);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder; name a file in it",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the disk can only be read",
  ENOSPC: "the disk is full",
};

async function opened(path: string, flags: "r" | "w", cannot: string): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    throw explained(error, cannot);
  }
}

/** What the system says of a file, in a sentence; any other error as it is. */
function explained(error: unknown, cannot: string): unknown {
  // The database's connection fails with the same codes.
  const ofFile = error instanceof Error && "code" in error && "syscall" in error && error.syscall !== "connect";
  const why = ofFile ? WHY[String(error.code)] : undefined;
  return why === undefined ? error : new TransferError(`${cannot}: ${why}.`, { cause: error });
}
