import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import type { SecretsHeader } from "./format.ts";
import { damaged, TransferError } from "./transfer-error.ts";

const MIN_LENGTH = 12;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** 64 MB and a fifth of a second for each guess. */
const COST = { n: 1 << 16, r: 8, p: 1 } as const;
const CHECK_WORD = "kite-export";

/** Encrypts the secrets of an export. Each is bound to the place it belongs to, and cannot be put in another's. */
export interface PassphraseBox {
  readonly header: SecretsHeader;
  seal(place: string, plain: string): string;
  /** @throws TransferError when it was altered or belongs elsewhere */
  open(place: string, sealed: string): string;
}

/** @throws TransferError when the passphrase is too short to protect anything */
export async function createPassphraseBox(passphrase: string): Promise<PassphraseBox> {
  if (passphrase.length < MIN_LENGTH)
    throw new TransferError(
      `The passphrase in KITE_EXPORT_PASSPHRASE is too short: it needs at least ${MIN_LENGTH} characters.`,
    );
  const salt = randomBytes(16);
  const key = await deriveKey(passphrase, salt, COST);
  const check = seal(key, "check", CHECK_WORD);
  return boxOf(key, { kdf: "scrypt", salt: salt.toString("base64"), ...COST, cipher: "aes-256-gcm", check });
}

/** @throws TransferError when the passphrase is not the one of the file */
export async function openPassphraseBox(passphrase: string, header: SecretsHeader): Promise<PassphraseBox> {
  const key = await deriveKey(passphrase, Buffer.from(header.salt, "base64"), header);
  if (unseal(key, "check", header.check) !== CHECK_WORD)
    throw new TransferError(
      "The passphrase in KITE_EXPORT_PASSPHRASE is not the one this export was made with. Nothing was imported.",
    );
  return boxOf(key, header);
}

function boxOf(key: Buffer, header: SecretsHeader): PassphraseBox {
  return {
    header,
    seal: (place, plain) => seal(key, place, plain),
    open(place, sealed) {
      const plain = unseal(key, place, sealed);
      if (plain === null) throw damaged(`the secret of ${place} cannot be decrypted`);
      return plain;
    },
  };
}

function deriveKey(passphrase: string, salt: Buffer, cost: { n: number; r: number; p: number }): Promise<Buffer> {
  const options: ScryptOptions = { N: cost.n, r: cost.r, p: cost.p, maxmem: 129 * cost.n * cost.r + (1 << 20) };
  return new Promise((resolve, reject) => {
    // The same passphrase may be typed as different code points on another system.
    scrypt(passphrase.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function seal(key: Buffer, place: string, plain: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
}

function unseal(key: Buffer, place: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}
