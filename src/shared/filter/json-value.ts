import type { Test } from "./ast.ts";
import { compareCodePoints, foldCase, isAnything, matchParts } from "./pattern.ts";

/** A text that means a number, where it is compared with numbers of JSON. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The number that a text of a filter means; null when it means none. */
export function readNumber(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

const NOT_STORABLE = /[\0\p{Cs}]/u;

/**
 * Reads JSON as the database can: undefined for what is not JSON, and for texts with U+0000 or half a surrogate pair
 * in them, which PostgreSQL does not take.
 */
export function readJson(text: string): unknown {
  let storable = true;
  try {
    const value: unknown = JSON.parse(text, (key, member: unknown) => {
      if (NOT_STORABLE.test(key) || (typeof member === "string" && NOT_STORABLE.test(member))) storable = false;
      return member;
    });
    return storable ? value : undefined;
  } catch {
    return undefined;
  }
}

const INDEX = /^[ \t\n\v\f\r]*[+-]?\d{1,9}$/;

/** The value at a path; undefined when there is none. A number in a path is a place in an array, counted from its end when negative. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value)) {
      if (!INDEX.test(step)) return undefined;
      value = (value as unknown[]).at(Number(step));
    } else {
      value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
    }
  }
  return value;
}

/** Does the value at a path fit? Of an array, one of the elements has to. */
export function testJson(test: Test): (value: unknown) => boolean {
  if (test.op === "match" && isAnything(test.parts)) return (value) => value !== undefined;
  const one = testScalar(test);
  return (value) => (Array.isArray(value) ? value.some(one) : one(value));
}

function testScalar(test: Test): (value: unknown) => boolean {
  switch (test.op) {
    case "match": {
      const parts = test.parts.map(foldCase);
      const [only] = test.parts;
      const fits = (value: unknown): boolean => typeof value === "string" && matchParts(parts, foldCase(value));
      if (test.parts.length > 1 || only === undefined) return fits;
      const same = equals(only);
      return (value) => fits(value) || same(value);
    }
    case "exact": {
      const same = equals(test.value);
      return (value) => value === test.value || same(value);
    }
    case "range": {
      const [from, to] = [readNumber(test.from), readNumber(test.to)];
      if (from === null || to === null) return () => false;
      return (value) => isNumber(value) && value >= from && value <= to;
    }
    default: {
      const number = readNumber(test.value);
      const order = (value: unknown): number | null => {
        if (number !== null) return isNumber(value) ? value - number : null;
        return typeof value === "string" ? compareCodePoints(value, test.value) : null;
      };
      const holds = COMPARE[test.op];
      return (value) => {
        const by = order(value);
        return by !== null && holds(by);
      };
    }
  }
}

// 1e400 is JSON, and beyond what either end counts with.
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Numbers, flags and null, as they are written in a filter. */
function equals(text: string): (value: unknown) => boolean {
  const number = readNumber(text);
  if (number !== null) return (value) => value === number;
  if (text === "true" || text === "false") return (value) => value === (text === "true");
  return text === "null" ? (value) => value === null : () => false;
}

const COMPARE: Readonly<Record<"<" | "<=" | ">" | ">=", (by: number) => boolean>> = {
  "<": (by) => by < 0,
  "<=": (by) => by <= 0,
  ">": (by) => by > 0,
  ">=": (by) => by >= 0,
};
