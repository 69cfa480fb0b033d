import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Bloom } from "../../src/main/hub/log/bloom.ts";
import { KeyMemory } from "../../src/main/hub/log/key-memory.ts";

const keys = (n: number): string[] => Array.from({ length: n }, () => randomBytes(16).toString("latin1"));

test("a filter never denies a key it has, and seldom affirms one it has not", () => {
  const filter = Bloom.forKeys(20_000);
  const known = keys(20_000);
  for (const key of known) filter.add(key);
  expect(known.every((key) => filter.mayHave(key))).toBe(true);
  const wrong = keys(20_000).filter((key) => filter.mayHave(key)).length;
  // One in two thousand by design; ten times that would already cost lookups that show.
  expect(wrong).toBeLessThan(100);
});

test("a filter that was stored and loaded again answers the same", () => {
  const filter = Bloom.forKeys(100);
  const known = keys(100);
  for (const key of known) filter.add(key);
  const loaded = new Bloom(new Uint8Array(Buffer.from(filter.bits)));
  expect(known.every((key) => loaded.mayHave(key))).toBe(true);
});

test("filters that are stored already are read as they were written: the first bytes of a key count least", () => {
  const key = Buffer.from("fffefdfc7fff0080ffffffffffffffff", "hex");
  const filter = Bloom.forKeys(1_000);
  filter.add(key.toString("latin1"));
  const bits = filter.bits.length * 8;
  const [first, step] = [key.readUInt32LE(0), key.readUInt32LE(4) | 1];
  for (const probe of [0, 1, 10]) {
    const bit = ((first + Math.imul(probe, step)) >>> 0) % bits;
    expect((filter.bits[bit >> 3] ?? 0) & (1 << (bit & 7))).not.toBe(0);
  }
});

test("the memory names the segments to ask, and none for a new key", () => {
  const memory = new KeyMemory();
  memory.load(1, Bloom.forKeys(1_000));
  memory.load(2, Bloom.forKeys(1_000));
  const [a, b, c] = keys(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no keys");
  memory.add(1, a);
  memory.add(2, b);
  expect(memory.candidates(a)).toEqual([1]);
  expect(memory.candidates(b)).toEqual([2]);
  expect(memory.candidates(c)).toEqual([]);
  memory.forget(1);
  expect(memory.candidates(a)).toEqual([]);
});
