import type { Span } from "./ast.ts";
import { FIELD_NAMES, type FieldName, fieldOf, hasPath, isFieldName } from "./fields.ts";
import { foldCase } from "./pattern.ts";
import { printTerm } from "./print.ts";
import { scan } from "./scan.ts";

export interface Completion {
  readonly kind: "field" | "value";
  /** What is put in place of the span. */
  readonly insert: string;
  readonly label: string;
  readonly detail: string;
}

export interface Completions {
  /** What the completions replace. */
  readonly span: Span;
  readonly options: readonly Completion[];
}

const TIMES = ["5m", "1h", "24h", "7d"];
const MOST = 50;

/**
 * What may stand at the caret: fields, or values of the field it is in.
 * @param valuesOf values the caller knows of a field, such as the names of peers; asked only when needed
 */
export function complete(
  text: string,
  caret: number,
  valuesOf: (field: FieldName) => readonly string[] = () => [],
): Completions {
  const before = text.slice(0, caret);
  const chunk = scan(before).at(-1);
  if (chunk === undefined || chunk.span.to < caret) return { span: { from: caret, to: caret }, options: fields("") };
  const [value] = chunk.values.slice(-1);
  if (chunk.name === null || value === undefined) {
    const from = chunk.span.from + (chunk.negated ? 1 : 0);
    return { span: { from, to: caret }, options: value?.quoted === true ? [] : fields(before.slice(from)) };
  }
  const name = chunk.name.steps[0]?.text.toLowerCase() ?? "";
  const from = value.span.from + value.operator.length;
  if (!isFieldName(name)) return { span: { from, to: caret }, options: [] };
  return { span: { from, to: caret }, options: values(name, value.parts.join("*"), valuesOf(name)) };
}

function fields(prefix: string): Completion[] {
  const start = prefix.toLowerCase();
  return FIELD_NAMES.filter((name) => name.startsWith(start)).map((name) => {
    const insert = hasPath(name) ? `${name}.` : `${name}:`;
    const { meaning, example } = fieldOf(name);
    return { kind: "field", insert, label: insert, detail: `${meaning} (${example})` };
  });
}

function values(name: FieldName, prefix: string, known: readonly string[]): Completion[] {
  const field = fieldOf(name);
  const start = foldCase(prefix);
  const all = [...new Set([...known, ...field.values, ...(field.kind === "time" ? TIMES : [])])];
  const rank = (value: string): number => foldCase(value).indexOf(start);
  return all
    .filter((value) => value !== prefix && rank(value) >= 0)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0))
    .slice(0, MOST)
    .map((value) => ({ kind: "value", insert: printValueOf(name, value), label: value, detail: "" }));
}

/** A value as it has to be written after the colon. */
function printValueOf(field: FieldName, value: string): string {
  return printTerm({ kind: "field", field, path: [], tests: [{ op: "match", parts: [value] }] }).slice(
    field.length + 1,
  );
}
