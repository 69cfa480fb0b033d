import type { Writable } from "node:stream";
import type { SecretBox } from "../registry/index.ts";
import type { Database, Queryable } from "../store/database.ts";
import {
  beginExport,
  columnsOf,
  countSection,
  readExportedHead,
  readSection,
  SECTIONS,
  type Section,
  schemaVersion,
} from "../store/transfer.ts";
import { FORMAT, type Header, MOST_ROWS, VERSION } from "./format.ts";
import { LineWriter } from "./line-writer.ts";
import { createPassphraseBox, type PassphraseBox } from "./passphrase.ts";
import { exportRow, hasSecrets } from "./secrets.ts";

/** Rows with a body come in smaller pieces: each may have a quarter of a megabyte of data. */
const ROWS_WITH_BODY = 200;
const WITH_BODY: ReadonlySet<Section> = new Set<Section>(["events", "arrivals", "attempts"]);

export interface ExportOptions {
  readonly instanceId: string;
  /** The version of this program. */
  readonly version: string;
  readonly now: () => number;
  /** Encrypts the secrets; without one they are left out. At least 12 characters. */
  readonly passphrase?: string;
  /** False leaves out the records of HTTP requests, which are the bulkiest and the least missed. Default true. */
  readonly attempts?: boolean;
  readonly onProgress?: (section: Section, rows: number, of: number) => void;
}

export interface ExportSummary {
  readonly counts: Partial<Record<Section, number>>;
  /** Whether tokens and webhook secrets are in the file. */
  readonly secrets: "encrypted" | "left_out";
}

/**
 * Writes the whole hub into one file (see format.ts), as it is at this moment, while it goes on working. Rows pass
 * through; nothing is held but one piece.
 * @param secrets opens what this hub keeps encrypted
 * @param sink gets the bytes, and is ended
 * @throws TransferError, the error of the sink or of the database
 */
export async function exportHub(
  db: Database,
  secrets: SecretBox,
  sink: Writable,
  options: ExportOptions,
): Promise<ExportSummary> {
  // First of all, for it listens to the sink's errors.
  const writer = new LineWriter(sink);
  try {
    const box = options.passphrase === undefined ? null : await createPassphraseBox(options.passphrase);
    const counts = await db.transaction(async (tx) => {
      await beginExport(tx);
      const header = await makeHeader(tx, box, options);
      await writer.write([JSON.stringify(header)]);
      for (const section of SECTIONS) await writeSection(tx, section, header, writer, secrets, box, options);
      return header.counts;
    });
    await writer.write([JSON.stringify({ end: true, counts, sha256: writer.digest })]);
    await writer.end();
    return { counts, secrets: box === null ? "left_out" : "encrypted" };
  } catch (error) {
    writer.abort();
    throw error;
  }
}

async function makeHeader(tx: Queryable, box: PassphraseBox | null, options: ExportOptions): Promise<Header> {
  const columns: Header["columns"] = {};
  const counts: Header["counts"] = {};
  for (const section of SECTIONS) {
    if (section === "attempts" && options.attempts === false) continue;
    columns[section] = await columnsOf(tx, section);
    counts[section] = await countSection(tx, section);
  }
  return {
    format: FORMAT,
    version: VERSION,
    schema: await schemaVersion(tx),
    written_by: options.version,
    created_at: new Date(options.now()).toISOString(),
    instance_id: options.instanceId,
    head: await readExportedHead(tx),
    secrets: box?.header ?? null,
    columns,
    counts,
  };
}

async function writeSection(
  tx: Queryable,
  section: Section,
  header: Header,
  writer: LineWriter,
  secrets: SecretBox,
  box: PassphraseBox | null,
  { onProgress }: ExportOptions,
): Promise<void> {
  const columns = header.columns[section];
  if (columns === undefined) return;
  const atATime = WITH_BODY.has(section) ? ROWS_WITH_BODY : MOST_ROWS;
  let written = 0;
  for await (const lines of readSection(tx, section, columns, atATime)) {
    const rows = hasSecrets(section) ? lines.map((line) => exportRow(section, line, secrets, box)) : lines;
    await writer.write([JSON.stringify({ section, rows: rows.length }), ...rows]);
    written += rows.length;
    onProgress?.(section, written, header.counts[section] ?? 0);
  }
}
