import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Bloom } from "../../src/main/hub/log/bloom.ts";
import { KeyMemory } from "../../src/main/hub/log/key-memory.ts";

const keys = (n: number): Buffer[] => Array.from({ length: n }, () => randomBytes(16));

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
