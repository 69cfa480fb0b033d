import { invalidScope } from "../rules/index.ts";
import type { Test } from "./ast.ts";
import { type FieldName, fieldOf } from "./fields.ts";
import { readNumber } from "./json-value.ts";
import { isAnything } from "./pattern.ts";
import { quote } from "./print.ts";
import type { Value } from "./scan.ts";
import { nearest } from "./suggest.ts";
import { canonicalTime } from "./time.ts";

type TestRead =
  | { readonly ok: true; readonly test: Test }
  | { readonly ok: false; readonly message: string; readonly mend: string; readonly fix: string | null };

const done = (test: Test): TestRead => ({ ok: true, test });
const fail = (message: string, mend: string, fix: string | null = null): TestRead => ({
  ok: false,
  message,
  mend,
  fix,
});

/** Reads one of the values after a field, by the kind of the field, and brings it into its canonical form. */
export function readTest(name: FieldName, value: Value): TestRead {
  const { kind, example } = fieldOf(name);
  const { operator, parts, quoted } = value;
  const text = parts.join("*");
  if (text === "" && !(kind === "json" && quoted)) return fail(`${name} has no value`, `Write one, as in ${example}`);
  switch (kind) {
    case "number":
      return readWhole(name, value, example);
    case "time":
      return readWhen(name, operator, text);
    case "flag":
    case "word":
      return readWord(name, value);
    case "json":
      return readJsonTest(value);
    case "type":
    case "text":
    case "key":
    case "contains":
      if (operator === "=") return done({ op: "exact", value: text });
      if (operator !== "")
        return fail(`${name} is a text, and cannot be compared with ${operator}`, "Take the sign out.", quote(text));
      return kind === "type" ? readScope(text, parts) : done({ op: "match", parts });
  }
}

function readScope(text: string, parts: readonly string[]): TestRead {
  const problem = parts.some((part) => part.includes("*"))
    ? "a star in a type is always a wildcard"
    : invalidScope(text);
  if (problem !== null) return fail(problem, "Write = and the type in quotes to mean it literally.", `=${quote(text)}`);
  return done({ op: "match", parts });
}

const WHOLE = /^\d{1,15}$/;
const SIZE = /^(\d{1,9})(\.\d{1,3})?(k|kb|m|mb)$/;

function whole(text: string, sized: boolean): string | null {
  if (WHOLE.test(text)) return String(Number(text));
  const [, digits, fraction = "", unit = ""] = (sized ? SIZE.exec(text.toLowerCase()) : null) ?? [];
  if (digits === undefined) return null;
  return String(Math.round(Number(digits + fraction) * (unit.startsWith("k") ? 1_024 : 1_048_576)));
}

function readWhole(name: FieldName, { operator, parts }: Value, example: string): TestRead {
  const text = parts.join("*");
  const number = (part: string): string | null => whole(part, name === "bytes");
  const range = /^([^.]+(?:\.\d+\w*)?)\.\.([^.]+(?:\.\d+\w*)?)$/.exec(text);
  if (range !== null && operator === "") {
    const [from, to] = [number(range[1] ?? ""), number(range[2] ?? "")];
    if (from !== null && to !== null) return readRange(from, to);
  }
  const value = number(text);
  if (value === null) return fail(`${name} is a whole number, not ${text}`, `Write one, as in ${example}`);
  if (operator === "" || operator === "=") return done({ op: "match", parts: [value] });
  return done({ op: operator, value });
}

function readRange(from: string, to: string): TestRead {
  if (Number(from) <= Number(to)) return done({ op: "range", from, to });
  return fail("the range ends before it begins", "Write the smaller number first.", `${to}..${from}`);
}

function readWhen(name: FieldName, operator: string, text: string): TestRead {
  if (operator !== "")
    return fail(`${name} is not compared with ${operator}`, "Take the sign out: since and until say which way.", text);
  const time = canonicalTime(text);
  if (time !== null) return done({ op: "match", parts: [time] });
  return fail(
    `${text} is no time`,
    "Write how long ago (30s, 5m, 2h, 3d, 1w) or a time as 2026-01-31 or 2026-01-31T12:00Z; without a zone it is UTC.",
  );
}

const FLAGS: Readonly<Record<string, string>> = { yes: "true", no: "false", "1": "true", "0": "false" };

function readWord(name: FieldName, { operator, parts }: Value): TestRead {
  const { values, kind } = fieldOf(name);
  if (operator !== "" && operator !== "=")
    return fail(`${name} cannot be compared with ${operator}`, "Take the sign out.", parts.join("*"));
  if (kind === "word" && operator === "" && isAnything(parts)) return done({ op: "match", parts });
  const text = parts.join("*").toLowerCase();
  const word = (kind === "flag" ? FLAGS[text] : undefined) ?? text;
  if (values.includes(word)) return done({ op: "match", parts: [word] });
  const guess = nearest(word, values);
  const known = `${name} is one of ${values.join(", ")}`;
  return fail(
    `${name} is never ${parts.join("*")}`,
    guess === null ? known : `Did you mean ${guess}? (${known})`,
    guess,
  );
}

function readJsonTest({ operator, parts, quoted }: Value): TestRead {
  const text = parts.join("*");
  if (operator === "=") return done({ op: "exact", value: text });
  if (operator !== "") return done({ op: operator, value: text });
  const range = quoted || parts.length > 1 ? null : /^(.+?)\.\.(.+)$/.exec(text);
  const [from, to] = [readNumber(range?.[1] ?? ""), readNumber(range?.[2] ?? "")];
  return from === null || to === null ? done({ op: "match", parts }) : readRange(String(from), String(to));
}
