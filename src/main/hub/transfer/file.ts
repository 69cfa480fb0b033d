import { open, rename, rm } from "node:fs/promises";
import type { SecretBox } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { type ExportOptions, type ExportSummary, exportHub } from "./export-hub.ts";
import { type ImportOptions, type ImportSummary, importHub } from "./import-hub.ts";

/**
 * Exports into a file that only its owner can read. It has its name only when it is complete: until then, and when the
 * export fails, there is nothing there, or what was there before.
 */
export async function exportToFile(
  db: Database,
  secrets: SecretBox,
  path: string,
  options: ExportOptions,
): Promise<ExportSummary> {
  const partial = `${path}.partial`;
  const file = await open(partial, "w", 0o600);
  try {
    const summary = await exportHub(db, secrets, file.createWriteStream({ flush: true }), options);
    await rename(partial, path);
    return summary;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Imports from a file. @throws the system's error when it cannot be read, and what {@link importHub} throws */
export async function importFromFile(
  db: Database,
  secrets: SecretBox,
  path: string,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const file = await open(path, "r");
  return importHub(db, secrets, file.createReadStream(), options);
}
