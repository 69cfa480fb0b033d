import type { Filter, Item, Term, Test } from "./ast.ts";

/** Writes a filter in its canonical form: reading that gives the same filter again, and writing it the same text. */
export function printFilter(filter: Filter): string {
  return filter.items.map(printItem).join(" ");
}

export function printItem({ negated, term }: Item): string {
  return `${negated ? "-" : ""}${printTerm(term)}`;
}

export function printTerm(term: Term): string {
  if (term.kind === "text") return PLAIN_TEXT.test(term.text) ? term.text : quote(term.text);
  const name = [term.field, ...term.path.map((step) => (PLAIN_STEP.test(step) ? step : quote(step)))].join(".");
  return `${name}:${term.tests.map(printTest).join(",")}`;
}

/** In quotes, whatever it holds. */
export function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
}

const PLAIN_TEXT = /^[^\s"\\:-][^\s"\\:]*$/;
const PLAIN_STEP = /^[^\s"\\:.]+$/;
const PLAIN_VALUE = /^[^\s"\\,*=<>][^\s"\\,*]*$/;

/** A value that means nothing but itself. Two dots might be a range. */
const printValue = (text: string): string => (PLAIN_VALUE.test(text) && !text.includes("..") ? text : quote(text));

function printTest(test: Test): string {
  switch (test.op) {
    case "match": {
      const [only] = test.parts;
      return test.parts.length === 1 && only !== undefined ? printValue(only) : test.parts.map(escapePart).join("*");
    }
    case "exact":
      return `=${printValue(test.value)}`;
    case "range":
      return `${test.from}..${test.to}`;
    default:
      return `${test.op}${printValue(test.value)}`;
  }
}

// In a pattern, what is not a wildcard is escaped sign by sign: quotes would hold the wildcards too.
function escapePart(part: string, index: number): string {
  const safe = part.replaceAll(/[\s"\\,*]/g, "\\$&");
  return index === 0 ? safe.replace(/^[=<>]/, "\\$&") : safe;
}
