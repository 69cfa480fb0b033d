import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { SecretBox } from "../registry/index.ts";
import type { Section } from "../store/transfer.ts";
import type { PassphraseBox } from "./passphrase.ts";
import { damaged } from "./transfer-error.ts";

/** Columns that this hub keeps encrypted with its own key, which stays here. */
const SECRETS: Partial<Record<Section, readonly string[]>> = {
  peers: ["outbound_token", "inbound_token", "previous_inbound_token"],
  pull_links: ["api_key"],
  hooks: ["token_secret", "webhook_secret", "previous_secret"],
  api_keys: ["secret"],
};

/** A row with secrets: bytea in PostgreSQL's hex form on this side, encrypted with the passphrase in the file. */
const Row = z.looseObject({ id: z.string() });
type Row = z.infer<typeof Row>;

/** Stands for a secret that was there and was left out. */
const WITHHELD = "withheld";
const REASON = "Imported without its tokens. Set outbound_token and inbound_token, then set it active.";

/** Does this section hold secrets? Its rows go through {@link exportRow} and {@link importRow} then. */
export function hasSecrets(section: Section): boolean {
  return SECRETS[section] !== undefined;
}

/** A row as it stands in the file. */
export function exportRow(section: Section, line: string, own: SecretBox, box: PassphraseBox | null): string {
  const row = Row.parse(JSON.parse(line));
  for (const column of SECRETS[section] ?? []) {
    const sealed = bytesOf(row[column]);
    // Tokens of a peer that was removed are empty.
    if (sealed === null || sealed.length === 0) continue;
    row[column] = box === null ? WITHHELD : box.seal(placeOf(section, row, column), own.open(sealed));
  }
  // A hash would let somebody with the file try tokens that people made up themselves.
  if (section === "peers" && box === null) row["inbound_hash"] = hexOf(Buffer.alloc(0));
  return JSON.stringify(row);
}

/** A row of the file as this hub stores it. `left` is told of each secret that is missing. */
export function importRow(
  section: Section,
  line: string,
  own: SecretBox,
  box: PassphraseBox | null,
  left: (column: string) => void,
): string {
  const row = readRow(section, line);
  for (const column of SECRETS[section] ?? []) {
    const value = row[column];
    if (value === null || value === undefined || bytesOf(value)?.length === 0) continue;
    if (typeof value !== "string") throw damaged(`${section}.${column} is no text`);
    if (value === WITHHELD || box === null) {
      left(column);
      makeDoWithout(section, row, column, own);
    } else row[column] = hexOf(own.seal(box.open(placeOf(section, row, column), value)));
  }
  return JSON.stringify(row);
}

/** Without a secret nothing may become weaker: what it protected is closed until somebody sets it again. */
function makeDoWithout(section: Section, row: Row, column: string, own: SecretBox): void {
  row[column] = null;
  if (section === "hooks" && column === "webhook_secret") row["active"] = false;
  if (section === "pull_links") {
    row[column] = hexOf(own.seal(randomBytes(32).toString("base64url")));
    row["status"] = "paused";
    row["status_reason"] = "Imported without its API key. Set api_key, then set it active.";
  }
  if (section !== "peers") return;
  row[column] = hexOf(own.seal(randomBytes(32).toString("base64url")));
  row["inbound_hash"] = hexOf(randomBytes(32));
  row["status_reason"] = REASON;
  if (row["status"] === "active") row["status"] = "paused";
}

function readRow(section: Section, line: string): Row {
  try {
    return Row.parse(JSON.parse(line));
  } catch (error) {
    throw damaged(`a row of ${section} cannot be read`, error);
  }
}

function placeOf(section: Section, row: Row, column: string): string {
  return `${section} ${row.id} ${column}`;
}

/** A bytea as row_to_json writes it. */
function bytesOf(value: unknown): Buffer | null {
  return typeof value === "string" && value.startsWith("\\x") ? Buffer.from(value.slice(2), "hex") : null;
}

function hexOf(bytes: Buffer): string {
  return `\\x${bytes.toString("hex")}`;
}
