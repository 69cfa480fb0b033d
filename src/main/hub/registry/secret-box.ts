import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what must be shown or used again: federation tokens, provider secrets, the keys printed at the start. */
export interface SecretBox {
  seal(plain: string): Buffer;
  /** @throws SecretKeyError when the text was sealed with another key or was damaged */
  open(sealed: Buffer): string;
}

/** The key at hand is not the one the secrets were sealed with. */
export class SecretKeyError extends Error {
  override readonly name = "SecretKeyError";
  constructor(cause?: unknown) {
    super(
      "The stored secrets cannot be decrypted: the key does not belong to this database. Put back the secret.key " +
        "file of the data folder, or set KITE_HOOK_SECRET_CIPHER_KEY to the value that was used with this database.",
      { cause },
    );
  }
}

/** AES-256-GCM with a random nonce; the first byte names the format. */
export function createSecretBox(secret: string): SecretBox {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "kite-desktop secrets v1", 32));
  return {
    seal(plain) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      try {
        if (sealed[0] !== VERSION) throw new Error(`unknown format ${sealed[0]}`);
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + IV_BYTES));
        decipher.setAuthTag(sealed.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES));
        const body = sealed.subarray(1 + IV_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new SecretKeyError(error);
      }
    },
  };
}
