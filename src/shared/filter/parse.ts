import type { FieldTerm, Filter, Item, Span, Term, Test } from "./ast.ts";
import { FIELD_NAMES, type FieldName, fieldOf, hasPath, isFieldName } from "./fields.ts";
import { foldCase } from "./pattern.ts";
import { quote } from "./print.ts";
import { type Chunk, scan } from "./scan.ts";
import { nearest } from "./suggest.ts";
import { readTest } from "./values.ts";

/** What is wrong with a filter: what, where, and how to mend it. */
export interface FilterError {
  readonly span: Span;
  readonly message: string;
  readonly mend: string;
  /** What to put in place of the span; null when nobody can tell. */
  readonly fix: string | null;
}

export type ParseResult =
  | { readonly ok: true; readonly filter: Filter }
  /** `filter` is made of the items that could be read. */
  | { readonly ok: false; readonly filter: Filter; readonly errors: readonly FilterError[] };

/** Longest text of a filter, in UTF-16 code units. */
export const MAX_FILTER_LENGTH = 2_000;

/** Reads a filter as a person writes it. An empty text is the filter that everything fits. */
export function parseFilter(text: string): ParseResult {
  const errors: FilterError[] = [];
  if (text.length > MAX_FILTER_LENGTH)
    errors.push({
      span: { from: MAX_FILTER_LENGTH, to: text.length },
      message: `a filter has at most ${MAX_FILTER_LENGTH} characters`,
      mend: "Shorten it: a wildcard often says what a list of values says.",
      fix: "",
    });
  const items: Item[] = [];
  for (const chunk of scan(text.slice(0, MAX_FILTER_LENGTH))) {
    const read = readChunk(text, chunk);
    if ("term" in read) items.push({ negated: chunk.negated, term: read.term, span: chunk.span });
    else errors.push(...read.errors);
  }
  const filter = { items };
  return errors.length === 0 ? { ok: true, filter } : { ok: false, filter, errors };
}

type Read = { readonly term: Term } | { readonly errors: readonly FilterError[] };

const fail = (span: Span, message: string, mend: string, fix: string | null = null): Read => ({
  errors: [{ span, message, mend, fix }],
});

function readChunk(text: string, chunk: Chunk): Read {
  if (chunk.problems.length > 0) return { errors: chunk.problems.map((problem) => ({ ...problem, fix: null })) };
  return chunk.name === null ? readText(chunk) : readField(text, chunk, chunk.name);
}

function readText({ span, values }: Chunk): Read {
  const [value] = values;
  const text = value?.parts.join("*") ?? "";
  if (text !== "") return { term: { kind: "text", text } };
  return value?.quoted === true
    ? fail(span, "a text to search for is empty", "Write something between the quotes, or take them out.", "")
    : fail(span, "a minus stands alone", "Write what to exclude right after it, or put it in quotes to search for it.");
}

function readField(text: string, chunk: Chunk, name: NonNullable<Chunk["name"]>): Read {
  const [first, ...steps] = name.steps;
  const word = first?.text.toLowerCase() ?? "";
  const wordSpan = { from: name.span.from, to: name.span.from + word.length };
  if (first?.quoted === true || !isFieldName(word)) return unknownField(text, chunk, word, wordSpan);
  if (!hasPath(word) && steps.length > 0)
    return fail(name.span, `${word} has no parts`, `Write ${word}: and the value.`, word);
  if (hasPath(word) && (steps.length === 0 || steps.some((step) => step.text === "" && !step.quoted)))
    return fail(name.span, `${word} needs the name of what is meant`, `Write it as in ${fieldOf(word).example}.`);
  const path = steps.map((step) => step.text);
  return readValues(chunk, word, word === "header" ? [foldCase(path.join("."))] : path);
}

function unknownField(text: string, { span, negated }: Chunk, word: string, wordSpan: Span): Read {
  const url = text.startsWith("//", wordSpan.to + 1);
  const guess = url ? null : nearest(word, FIELD_NAMES);
  if (guess !== null) return fail(wordSpan, `there is no field ${word}`, `Did you mean ${guess}?`, guess);
  const from = span.from + (negated ? 1 : 0);
  const quoted = quote(text.slice(from, span.to));
  return fail(
    { from, to: span.to },
    word === "" ? "a colon stands without a field" : `there is no field ${word}`,
    `Write it in quotes to search for it as text: ${quoted}`,
    quoted,
  );
}

function readValues({ values }: Chunk, field: FieldName, path: readonly string[]): Read {
  const tests: Test[] = [];
  const errors: FilterError[] = [];
  for (const value of values) {
    const read = readTest(field, value);
    if (read.ok) tests.push(read.test);
    else errors.push({ span: value.span, message: read.message, mend: read.mend, fix: read.fix });
  }
  if (errors.length > 0) return { errors };
  const term: FieldTerm = { kind: "field", field, path, tests };
  return { term };
}
