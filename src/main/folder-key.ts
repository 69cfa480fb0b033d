import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const KEY_FILE = "secret.key";
/** The same key, sealed by the system's keychain; it stands in the place of the file above, never beside it for long. */
const WRAPPED_FILE = "secret.key.keychain";
const SHORTEST = 32;

/** The key of a data folder cannot be had here. */
export class FolderKeyError extends Error {
  override readonly name = "FolderKeyError";
}

/** Whoever seals the key: the system's keychain, in the app. */
export interface FolderKey {
  seal(plain: string): Buffer;
  /** @throws when the keychain refuses or the bytes are not its own */
  open(sealed: Buffer): string;
}

/** Whether a keychain keeps this folder's key, so that only the app can open it. */
export function isKeyWrapped(dataDir: string): boolean {
  return existsSync(join(dataDir, WRAPPED_FILE)) && !existsSync(join(dataDir, KEY_FILE));
}

/**
 * Reads the data folder's key, making it on the first start. The file is readable by its owner alone.
 * @throws FolderKeyError when a keychain keeps it, or it is damaged
 */
export async function folderSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, KEY_FILE);
  if (isKeyWrapped(dataDir))
    throw new FolderKeyError(
      `The key of ${dataDir} is in this system's keychain, which only the app can open. Start the app with npm start, ` +
        "or turn the keychain off in its settings first.",
    );
  try {
    await writeFile(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const secret = (await readFile(path, "utf8")).trim();
  if (secret.length < SHORTEST) throw new FolderKeyError(`${path} is damaged: it should hold a key of 43 characters.`);
  return secret;
}

/** Gives the key to the keychain, and removes its file once the keychain has given it back. @throws what the keychain does */
export async function wrapKey(dataDir: string, keychain: FolderKey): Promise<void> {
  const secret = await folderSecret(dataDir);
  const path = join(dataDir, WRAPPED_FILE);
  await writeDurably(path, keychain.seal(secret));
  if (keychain.open(await readFile(path)) !== secret) {
    await rm(path);
    throw new FolderKeyError("The keychain did not give back what was put in; the key stays in its file.");
  }
  await rm(join(dataDir, KEY_FILE));
}

/** The key that the keychain keeps. @param restore puts it back into its file too @throws FolderKeyError */
export async function unwrapKey(dataDir: string, keychain: FolderKey, restore: boolean): Promise<string> {
  const path = join(dataDir, WRAPPED_FILE);
  let secret: string;
  try {
    secret = keychain.open(await readFile(path));
  } catch (error) {
    throw new FolderKeyError(
      `The system's keychain does not open ${path}: ${error instanceof Error ? error.message : String(error)}. ` +
        "It must be unlocked, and be the one of the user who closed it.",
    );
  }
  if (secret.length < SHORTEST) throw new FolderKeyError(`${path} is damaged.`);
  if (restore) {
    await writeDurably(join(dataDir, KEY_FILE), Buffer.from(`${secret}\n`));
    await rm(path);
  }
  return secret;
}

/** On the disk before it returns: the other copy of the key is removed next. */
async function writeDurably(path: string, content: Buffer): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
