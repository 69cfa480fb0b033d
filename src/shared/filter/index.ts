/** The event filter: the one grammar of the filter bar, of saved views and of searches in the database. */
export * from "./ast.ts";
export * from "./complete.ts";
export * from "./edit.ts";
export {
  compileFilter,
  type Evaluate,
  evaluate,
  type FilterContext,
  type FilterOutcome,
  type FilterPayload,
  type FilterRow,
  hasAnything,
  isOutcomeItem,
  needsPayload,
  outcomeTest,
  peersOf,
  timesOf,
  type Verdict,
  WITHOUT_OUTCOME,
  wordsOf,
} from "./evaluate.ts";
export {
  FIELD_NAMES,
  FIELDS,
  type Field,
  type FieldKind,
  type FieldName,
  fieldOf,
  hasPath,
  NO_OUTCOME,
} from "./fields.ts";
export { readNumber } from "./json-value.ts";
export { type FilterError, MAX_FILTER_LENGTH, type ParseResult, parseFilter } from "./parse.ts";
export { foldCase, isAnything } from "./pattern.ts";
export { printFilter, printItem, printTerm } from "./print.ts";
