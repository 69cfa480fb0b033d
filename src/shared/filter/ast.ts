import type { FieldName } from "./fields.ts";

/** A part of the text that was parsed, in UTF-16 code units, the end not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Comparison = "<" | "<=" | ">" | ">=";

/**
 * One of the alternatives after a field. Values are in their canonical form: numbers in digits, flags as `true` and
 * `false`.
 * - `match`: the parts of a pattern between its wildcards; one part is no pattern, and `["", ""]` is anything at all
 * - `exact`: this very text, no wildcards, either case told apart
 * - `range`: both ends included
 */
export type Test =
  | { readonly op: "match"; readonly parts: readonly string[] }
  | { readonly op: "exact"; readonly value: string }
  | { readonly op: Comparison; readonly value: string }
  | { readonly op: "range"; readonly from: string; readonly to: string };

export interface FieldTerm {
  readonly kind: "field";
  readonly field: FieldName;
  /** The header's name in lower case, or the way into the data; empty for other fields. */
  readonly path: readonly string[];
  /** The event matches when one of them does. */
  readonly tests: readonly Test[];
}

export interface TextTerm {
  readonly kind: "text";
  readonly text: string;
}

export type Term = FieldTerm | TextTerm;

/** One condition: a chip. */
export interface Item {
  readonly negated: boolean;
  readonly term: Term;
  /** Where it stood in the text; null for an item that was made otherwise. */
  readonly span: Span | null;
}

/**
 * A filter: an event matches when it fits every item. Items about outcomes (peer, outcome, reason) speak together of one
 * outcome of the event: `peer:staging -outcome:delivered` is what did not reach staging. Where all of them are negated,
 * they speak of every outcome.
 */
export interface Filter {
  readonly items: readonly Item[];
}

export const EMPTY_FILTER: Filter = { items: [] };
