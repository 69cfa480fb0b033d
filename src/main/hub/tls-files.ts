import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";

/** Where the certificate and its key are, in PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** The certificate files cannot be used. The message says which, and why. */
export class TlsFilesError extends Error {
  override readonly name = "TlsFilesError";
}

/** A certificate that is read again when its files change, as a renewal replaces them. */
export class Certificate {
  readonly #files: TlsFiles;
  #version: string;
  #pair: TlsPair;

  private constructor(files: TlsFiles, version: string, pair: TlsPair) {
    this.#files = files;
    this.#version = version;
    this.#pair = pair;
  }

  /** @throws TlsFilesError */
  static async read(files: TlsFiles): Promise<Certificate> {
    const version = await versionOf(files);
    return new Certificate(files, version, await load(files));
  }

  get pair(): TlsPair {
    return this.#pair;
  }

  /**
   * Looks whether the files have changed.
   * @returns the new certificate; null when there is none
   * @throws TlsFilesError when the new files cannot be used; the old certificate stays
   */
  async renewed(): Promise<TlsPair | null> {
    const version = await versionOf(this.#files);
    if (version === this.#version) return null;
    // The two files are replaced one after the other: a pair that does not fit yet is looked at again.
    this.#pair = await load(this.#files);
    this.#version = version;
    return this.#pair;
  }
}

const MEND = "Check KITE_TLS_CERT and KITE_TLS_KEY, or --tls-cert and --tls-key.";

async function load({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  try {
    const pair = { cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TlsFilesError(`The certificate ${certFile} cannot be used with the key ${keyFile}: ${why}. ${MEND}`);
  }
}

async function versionOf({ certFile, keyFile }: TlsFiles): Promise<string> {
  try {
    // One after the other, so that of two that are missing the same one is named each time.
    const stats = [await stat(certFile), await stat(keyFile)];
    return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(" ");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TlsFilesError(`The certificate or its key cannot be read: ${why}. ${MEND}`);
  }
}
