import type { Bytes16 } from "../model.ts";

/** Bits for each key and probes for each question: one in two thousand unknown keys is taken for a known one. */
const BITS_PER_KEY = 16;
const PROBES = 11;

/**
 * A Bloom filter over keys that are already uniformly random (parts of a SHA-256), so that their own bytes serve as
 * hashes. It may say *maybe* about a key it never saw, and never says *no* about one it did.
 */
export class Bloom {
  readonly bits: Uint8Array;
  readonly #size: number;

  constructor(bits: Uint8Array) {
    this.bits = bits;
    this.#size = bits.length * 8;
  }

  static forKeys(keys: number): Bloom {
    return new Bloom(new Uint8Array(Math.ceil((Math.max(keys, 64) * BITS_PER_KEY) / 8)));
  }

  add(key: Bytes16): void {
    const a = uint32(key, 0);
    const b = uint32(key, 4) | 1;
    for (let i = 0; i < PROBES; i++) {
      const bit = ((a + Math.imul(i, b)) >>> 0) % this.#size;
      this.bits[bit >> 3] = (this.bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  mayHave(key: Bytes16): boolean {
    const a = uint32(key, 0);
    const b = uint32(key, 4) | 1;
    for (let i = 0; i < PROBES; i++) {
      const bit = ((a + Math.imul(i, b)) >>> 0) % this.#size;
      if (((this.bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

/** Four bytes as a number, the lowest first: filters are stored, so this order stays. */
function uint32(key: Bytes16, at: number): number {
  const high = (key.charCodeAt(at + 3) << 24) | (key.charCodeAt(at + 2) << 16);
  return (high | (key.charCodeAt(at + 1) << 8) | key.charCodeAt(at)) >>> 0;
}
