import { z } from "zod";
import { SECTIONS } from "../store/transfer.ts";

/**
 * A `.kite-export` is gzip around lines of JSON, in UTF-8, each ended by a line feed:
 *
 *     {"format":"kite-export","version":1, …}          the header
 *     {"section":"events","rows":200}                   how many lines of which table follow
 *     {"seq":1, …}                                      a row, as PostgreSQL's row_to_json writes it
 *     …
 *     {"end":true,"counts":{"events":200, …},"sha256":"…"}   over all bytes before this line
 *
 * Sections come in the order of {@link SECTIONS}, in as many pieces as there are.
 */
export const FORMAT = "kite-export";

/** Grows when a reader of the version before would misunderstand a file. */
export const VERSION = 1;

/** Rows of one piece at most, and the bytes that a piece may have: a reader holds one piece at a time. */
export const MOST_ROWS = 1_000;
export const MOST_PIECE_BYTES = 256 * 1024 * 1024;

const Count = z.int().min(0);
const Counts = z.partialRecord(z.enum(SECTIONS), Count);
const Base64 = z.base64();

/** How the secrets in a file are encrypted: a key made of the passphrase by scrypt, and AES-256-GCM. */
export const SecretsHeader = z.strictObject({
  kdf: z.literal("scrypt"),
  salt: Base64,
  // Bounds, so that a file cannot ask for all the memory there is.
  n: z
    .int()
    .min(2)
    .max(1 << 20),
  r: z.int().min(1).max(32),
  p: z.int().min(1).max(16),
  cipher: z.literal("aes-256-gcm"),
  /** A known word, encrypted, by which a wrong passphrase is noticed at once. */
  check: Base64,
});
export type SecretsHeader = z.infer<typeof SecretsHeader>;

/** As much of a header as every version has: enough to say why a file cannot be read. */
export const AnyHeader = z.looseObject({ format: z.literal(FORMAT), version: z.int().min(1) });

export const Header = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The number of the newest migration of the database it was read from. */
  schema: z.int().min(1),
  /** The version of the program that wrote it. */
  written_by: z.string().max(100),
  created_at: z.iso.datetime(),
  instance_id: z.string().max(200),
  head: z.strictObject({ seq: Count, segment: z.int().min(1) }),
  /** Null when the secrets were left out. */
  secrets: SecretsHeader.nullable(),
  columns: z.partialRecord(z.enum(SECTIONS), z.array(z.string().max(63)).min(1).max(100)),
  counts: Counts,
});
export type Header = z.infer<typeof Header>;

export const Piece = z.strictObject({ section: z.enum(SECTIONS), rows: z.int().min(1).max(MOST_ROWS) });

export const Closing = z.strictObject({
  end: z.literal(true),
  counts: Counts,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Closing = z.infer<typeof Closing>;
