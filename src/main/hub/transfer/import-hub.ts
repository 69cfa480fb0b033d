import type { Readable } from "node:stream";
import { parseJson } from "../../../shared/parse-json.ts";
import type { SecretBox } from "../registry/index.ts";
import { type Database, isUnavailable, type Queryable, sqlState } from "../store/database.ts";
import {
  clearForImport,
  columnsOf,
  finishImport,
  insertSection,
  makePartitions,
  obstacleToImport,
  SECTIONS,
  type Section,
  schemaVersion,
} from "../store/transfer.ts";
import { AnyHeader, Closing, Header, MOST_PIECE_BYTES, Piece, VERSION } from "./format.ts";
import { LineReader } from "./line-reader.ts";
import { openPassphraseBox, type PassphraseBox } from "./passphrase.ts";
import { hasSecrets, importRow } from "./secrets.ts";
import { damaged, foreign, TransferError, truncated } from "./transfer-error.ts";

export interface ImportOptions {
  /** The passphrase of the export, if it has one. */
  readonly passphrase?: string;
  /** Import an export with secrets without them. */
  readonly leaveOutSecrets?: boolean;
  readonly onProgress?: (section: Section, rows: number, of: number) => void;
}

export interface ImportSummary {
  readonly createdAt: string;
  readonly instanceId: string;
  readonly counts: Partial<Record<Section, number>>;
  /** What a person has to know or do now, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Fills an empty hub with an export, in one transaction: all of it, or nothing. No hub may be running on the database.
 * @param secrets encrypts what the file has encrypted with its passphrase
 * @throws TransferError when the hub is not empty, or the file is foreign, newer, damaged or cut off; the error of the
 *   source or of the database
 */
export async function importHub(
  db: Database,
  secrets: SecretBox,
  source: Readable,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const reader = new LineReader(source);
  try {
    const header = await readHeader(reader);
    const box = await openSecrets(header, options);
    return await db.transaction((tx) => new Import(tx, reader, header, secrets, box, options).run());
  } finally {
    reader.close();
    source.destroy();
  }
}

async function readHeader(reader: LineReader): Promise<Header> {
  const line = await reader.next();
  const value = line === null ? undefined : parseJson(line);
  const any = AnyHeader.safeParse(value);
  if (!any.success) throw foreign();
  if (any.data.version > VERSION)
    throw new TransferError(
      `The export has format version ${any.data.version}, and this version of Kite Desktop reads up to ${VERSION}. Update it first.`,
    );
  const header = Header.safeParse(value);
  if (!header.success) throw damaged("its header cannot be read", header.error);
  return header.data;
}

async function openSecrets(header: Header, options: ImportOptions): Promise<PassphraseBox | null> {
  if (header.secrets === null || options.leaveOutSecrets === true) return null;
  if (options.passphrase === undefined)
    throw new TransferError(
      "The export holds secrets. Set KITE_EXPORT_PASSPHRASE to the passphrase it was made with, or import it with --without-secrets.",
    );
  return openPassphraseBox(options.passphrase, header.secrets);
}

/** One import, within its transaction. */
class Import {
  readonly #tx: Queryable;
  readonly #reader: LineReader;
  readonly #header: Header;
  readonly #secrets: SecretBox;
  readonly #box: PassphraseBox | null;
  readonly #onProgress: ImportOptions["onProgress"];
  readonly #counts = new Map<Section, number>();
  readonly #missing = new Map<string, number>();
  #section: Section = SECTIONS[0];

  constructor(
    tx: Queryable,
    reader: LineReader,
    header: Header,
    secrets: SecretBox,
    box: PassphraseBox | null,
    options: ImportOptions,
  ) {
    this.#tx = tx;
    this.#reader = reader;
    this.#header = header;
    this.#secrets = secrets;
    this.#box = box;
    this.#onProgress = options.onProgress;
  }

  async run(): Promise<ImportSummary> {
    const obstacle = await obstacleToImport(this.#tx);
    if (obstacle !== null) throw new TransferError(obstacle);
    const columns = await this.#columns();
    await clearForImport(this.#tx);
    for (;;) {
      const line = await this.#reader.next();
      if (line === null) throw truncated();
      const value = parseJson(line);
      const closing = Closing.safeParse(value);
      if (closing.success) {
        await this.#close(closing.data);
        break;
      }
      const piece = Piece.safeParse(value);
      if (!piece.success) throw damaged("a line is neither the begin of a section nor the end");
      await this.#piece(piece.data.section, piece.data.rows, columns);
    }
    return this.#summary();
  }

  /** The columns of each section, all of which this version must know. */
  async #columns(): Promise<ReadonlyMap<Section, readonly string[]>> {
    const { schema, columns } = this.#header;
    const own = await schemaVersion(this.#tx);
    if (schema > own)
      throw new TransferError(
        `The export has schema version ${schema}, and this version of Kite Desktop knows only ${own}. Update it first.`,
      );
    const known = new Map<Section, readonly string[]>();
    for (const section of SECTIONS) {
      const wanted = columns[section];
      if (wanted === undefined) continue;
      const here = await columnsOf(this.#tx, section);
      const unknown = wanted.find((column) => !here.includes(column));
      if (unknown !== undefined) throw damaged(`${section} has a column ${unknown}, which no version had`);
      known.set(section, wanted);
    }
    return known;
  }

  async #piece(section: Section, rows: number, columns: ReadonlyMap<Section, readonly string[]>): Promise<void> {
    const wanted = columns.get(section);
    if (wanted === undefined) throw damaged(`${section} is not announced in the header`);
    await this.#advanceTo(section);
    const lines = await this.#lines(rows);
    const rowsHere = hasSecrets(section) ? lines.map((line) => this.#importRow(section, line)) : lines;
    const before = this.#counts.get(section) ?? 0;
    try {
      await insertSection(this.#tx, section, wanted, rowsHere);
    } catch (error) {
      // A class of errors that the database has about data: what it got is not what it once gave.
      if (isUnavailable(error) || !/^2[23]/.test(sqlState(error) ?? "")) throw error;
      throw damaged(
        `among rows ${before + 1} to ${before + rows} of ${section} is one that the database refuses`,
        error,
      );
    }
    this.#counts.set(section, before + rows);
    this.#onProgress?.(section, before + rows, this.#header.counts[section] ?? 0);
  }

  async #lines(rows: number): Promise<string[]> {
    const lines: string[] = [];
    let bytes = 0;
    for (let row = 0; row < rows; row++) {
      const line = await this.#reader.next();
      if (line === null) throw truncated();
      bytes += line.length;
      if (bytes > MOST_PIECE_BYTES) throw damaged("a piece of it is too large");
      lines.push(line);
    }
    return lines;
  }

  /** Sections come in order: rows that others refer to stand before them. */
  async #advanceTo(section: Section): Promise<void> {
    if (SECTIONS.indexOf(section) < SECTIONS.indexOf(this.#section)) throw damaged(`${section} is out of its order`);
    const passed = SECTIONS.slice(SECTIONS.indexOf(this.#section), SECTIONS.indexOf(section));
    if (passed.includes("segments")) await makePartitions(this.#tx);
    this.#section = section;
  }

  #importRow(section: Section, line: string): string {
    return importRow(section, line, this.#secrets, this.#box, (column) => {
      const name = `${section}.${column}`;
      this.#missing.set(name, (this.#missing.get(name) ?? 0) + 1);
    });
  }

  async #close(closing: Closing): Promise<void> {
    if (closing.sha256 !== this.#reader.digestBefore) throw damaged("its checksum does not fit");
    for (const section of SECTIONS) {
      const count = this.#counts.get(section) ?? 0;
      if (count !== (closing.counts[section] ?? 0) || count !== (this.#header.counts[section] ?? 0))
        throw damaged(`it should have ${closing.counts[section] ?? 0} rows of ${section}, and has ${count}`);
    }
    if ((await this.#reader.next()) !== null) throw damaged("something stands behind its end");
    await this.#advanceTo(SECTIONS[SECTIONS.length - 1] ?? "refusals");
    if (!(await finishImport(this.#tx, this.#header.head))) throw damaged("its log does not fit the head it names");
  }

  #summary(): ImportSummary {
    const peers = this.#missing.get("peers.outbound_token") ?? 0;
    const hooks = this.#missing.get("hooks.webhook_secret") ?? 0;
    const notes = [
      ...(peers === 0
        ? []
        : [
            `Peers that came without their tokens, and are paused until you set the tokens and set them active: ${peers}.`,
          ]),
      ...(hooks === 0
        ? []
        : [
            `Endpoints that came without their webhook secrets, and are inactive until you create them again: ${hooks}.`,
          ]),
      ...(this.#header.counts.attempts === undefined ? ["The export has no records of attempts."] : []),
    ];
    return {
      createdAt: this.#header.created_at,
      instanceId: this.#header.instance_id,
      counts: Object.fromEntries(this.#counts),
      notes,
    };
  }
}
