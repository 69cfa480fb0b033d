import { compileScopes } from "../rules/index.ts";
import type { FieldTerm, Filter, Item, Term, Test } from "./ast.ts";
import { fieldOf, isOutcomeField, NO_OUTCOME } from "./fields.ts";
import { readJson, testJson, valueAt } from "./json-value.ts";
import { foldCase, isAnything, matchParts } from "./pattern.ts";
import { readTime } from "./time.ts";

/** What a filter looks at of an event: a part of the contract's EventRow. */
export interface FilterRow {
  readonly seq: number;
  readonly at: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly summary: string | null;
  readonly hook: string | null;
  readonly via: number | null;
  readonly origin: string | null;
  readonly chain: readonly string[];
  readonly hops: number;
  readonly verified: boolean;
  readonly integrity: readonly string[];
  readonly agentTo: string | null;
  readonly replayOf: number | null;
  readonly dataBytes: number;
  readonly outcomes: readonly FilterOutcome[];
}

export interface FilterOutcome {
  readonly peer: number;
  readonly state: string;
  readonly reason: string | null;
}

/** What is not in a row. */
export interface FilterPayload {
  /** The JSON text of the data as it was received; null when there is none. */
  readonly data: string | null;
  /** The text of a JSON object; null when the event came without. */
  readonly headers: string | null;
}

export interface FilterContext {
  /** The peers that a name may mean, those that were removed included. */
  readonly peers: readonly { readonly no: number; readonly name: string }[];
  /** Milliseconds since the epoch, for times like `2h` ago. */
  readonly now: number;
}

/** `needs data`: the row fits as far as it goes, and the rest is in the payload. Ask the database, or give the payload. */
export type Verdict = "yes" | "no" | "needs data";

export type Evaluate = (row: FilterRow, payload?: FilterPayload) => Verdict;

/** Does an event fit a filter? To look at many events, {@link compileFilter} once. */
export function evaluate(filter: Filter, row: FilterRow, context: FilterContext, payload?: FilterPayload): Verdict {
  return compileFilter(filter, context)(row, payload);
}

/** Makes one function of a filter. What is cheap is looked at first. */
export function compileFilter(filter: Filter, context: FilterContext): Evaluate {
  const tests: Evaluate[] = [];
  for (const item of filter.items)
    if (!isOutcomeItem(item) && !needsPayload(item)) tests.push(compileItem(item, context));
  const outcomes = compileOutcomes(filter.items.filter(isOutcomeItem), context);
  if (outcomes !== null) tests.push(outcomes);
  for (const item of filter.items) if (needsPayload(item)) tests.push(compileItem(item, context));
  return (row, payload) => {
    let verdict: Verdict = "yes";
    for (const test of tests) {
      const says = test(row, payload);
      if (says === "no") return "no";
      if (says === "needs data") verdict = says;
    }
    return verdict;
  };
}

/** Can this item not be answered from a row alone? Free text sometimes can: when it is found in what the row has. */
export function needsPayload({ term }: Item): boolean {
  return term.kind === "text" || term.field === "data" || term.field === "header";
}

export function isOutcomeItem(item: Item): item is Item & { readonly term: FieldTerm } {
  return item.term.kind === "field" && isOutcomeField(item.term.field);
}

const verdict = (says: boolean): Verdict => (says ? "yes" : "no");
const OPPOSITE: Readonly<Record<Verdict, Verdict>> = { yes: "no", no: "yes", "needs data": "needs data" };

function compileItem({ negated, term }: Item, context: FilterContext): Evaluate {
  const test = compileTerm(term, context);
  return negated ? (row, payload) => OPPOSITE[test(row, payload)] : test;
}

function compileTerm(term: Term, context: FilterContext): Evaluate {
  if (term.kind === "text") return compileText(term.text);
  if (term.field === "data") return compileData(term);
  if (term.field === "header") return compileHeader(term);
  const test = compileRowTerm(term, context);
  return (row) => verdict(test(row));
}

function compileText(text: string): Evaluate {
  const wanted = foldCase(text);
  const holds = (value: string | null): boolean => value !== null && foldCase(value).includes(wanted);
  return (row, payload) => {
    if (holds(row.type) || holds(row.source) || holds(row.id) || holds(row.summary)) return "yes";
    if (row.dataBytes === 0) return "no";
    return payload === undefined ? "needs data" : verdict(holds(payload.data));
  };
}

function compileData({ path, tests }: FieldTerm): Evaluate {
  const any = tests.map(testJson);
  return (row, payload) => {
    if (row.dataBytes === 0) return "no";
    if (payload === undefined) return "needs data";
    const value = payload.data === null ? undefined : valueAt(readJson(payload.data), path);
    return verdict(any.some((test) => test(value)));
  };
}

function compileHeader({ path, tests }: FieldTerm): Evaluate {
  const [name = ""] = path;
  const test = anyText(tests);
  return (_row, payload) => {
    if (payload === undefined) return "needs data";
    const headers = payload.headers === null ? undefined : readJson(payload.headers);
    if (typeof headers !== "object" || headers === null) return "no";
    return verdict(
      Object.entries(headers).some(
        ([key, value]) => foldCase(key) === name && typeof value === "string" && test(value),
      ),
    );
  };
}

type RowTest = (row: FilterRow) => boolean;

function compileRowTerm(term: FieldTerm, context: FilterContext): RowTest {
  const { field, tests } = term;
  switch (field) {
    case "type": {
      const match = typeTest(tests);
      return (row) => match(row.type);
    }
    case "source":
    case "summary":
    case "hook":
    case "origin": {
      const match = fieldOf(field).kind === "contains" ? anyText(tests, true) : anyText(tests);
      return (row) => {
        const value = row[field];
        return value !== null && match(value);
      };
    }
    case "id": {
      const match = anyOf(tests.map(keyTest));
      return (row) => match(row.id);
    }
    case "agent": {
      const match = anyText(tests);
      return (row) => row.agentTo !== null && match(row.agentTo);
    }
    case "chain": {
      const match = anyText(tests);
      return (row) => row.chain.some(match);
    }
    case "via": {
      const match = peerTest(tests, context);
      return (row) => match(row.via);
    }
    case "seq":
    case "hops": {
      const match = anyNumber(tests);
      return (row) => match(row[field]);
    }
    case "bytes": {
      const match = anyNumber(tests);
      return (row) => match(row.dataBytes);
    }
    case "verified": {
      const wanted = wordsOf(tests);
      return (row) => wanted.has(String(row.verified));
    }
    case "replay": {
      const wanted = wordsOf(tests);
      return (row) => wanted.has(String(row.replayOf !== null));
    }
    case "integrity": {
      const wanted = wordsOf(tests);
      const any = hasAnything(tests);
      return (row) => row.integrity.some((issue) => any || wanted.has(issue));
    }
    case "since":
    case "until": {
      const times = timesOf(tests, context.now);
      return field === "since"
        ? (row) => times.some((time) => row.at >= time)
        : (row) => times.some((time) => row.at < time);
    }
    case "peer":
    case "outcome":
    case "reason":
    case "header":
    case "data":
      throw new Error(`${field} is not answered by a row alone`);
  }
}

/** Null when no item is about outcomes. */
function compileOutcomes(
  items: readonly (Item & { readonly term: FieldTerm })[],
  context: FilterContext,
): Evaluate | null {
  if (items.length === 0) return null;
  const tests = items.map(({ negated, term }) => ({ negated, fits: outcomeTest(term, context) }));
  // One outcome has to fit them all; where all are negated, no outcome may fit what any of them excludes.
  const every = tests.every(({ negated }) => negated);
  const fits = (outcome: OutcomeOrNone): boolean => tests.every((test) => test.fits(outcome) !== test.negated);
  return ({ outcomes }) => {
    if (outcomes.length === 0) return verdict(fits(WITHOUT_OUTCOME));
    return verdict(every ? outcomes.every(fits) : outcomes.some(fits));
  };
}

interface OutcomeOrNone {
  readonly peer: number | null;
  readonly state: string;
  readonly reason: string | null;
}

/** Stands for the outcomes of an event that has none. */
export const WITHOUT_OUTCOME: OutcomeOrNone = { peer: null, state: NO_OUTCOME, reason: null };

/** Does one outcome fit a term about outcomes? */
export function outcomeTest({ field, tests }: FieldTerm, context: FilterContext): (outcome: OutcomeOrNone) => boolean {
  if (field === "peer") {
    const match = peerTest(tests, context);
    return (outcome) => match(outcome.peer);
  }
  if (field === "reason") {
    const match = anyText(tests);
    return (outcome) => outcome.reason !== null && match(outcome.reason);
  }
  const wanted = wordsOf(tests);
  const any = hasAnything(tests);
  return (outcome) => wanted.has(outcome.state) || (any && outcome.state !== NO_OUTCOME);
}

/** The numbers of the peers whose names fit. */
export function peersOf(tests: readonly Test[], { peers }: FilterContext): Set<number> {
  const match = anyText(tests);
  return new Set(peers.filter(({ name }) => match(name)).map(({ no }) => no));
}

function peerTest(tests: readonly Test[], context: FilterContext): (no: number | null) => boolean {
  const wanted = peersOf(tests, context);
  const any = hasAnything(tests);
  return (no) => no !== null && (any || wanted.has(no));
}

export const hasAnything = (tests: readonly Test[]): boolean =>
  tests.some((test) => test.op === "match" && isAnything(test.parts));

/** The alternatives as plain words: of flags and closed lists. */
export const wordsOf = (tests: readonly Test[]): Set<string> =>
  new Set(tests.flatMap((test) => (test.op === "match" && test.parts.length === 1 ? test.parts : [])));

/** The alternatives of since and until, in milliseconds since the epoch. */
export const timesOf = (tests: readonly Test[], now: number): number[] =>
  [...wordsOf(tests)].map((time) => readTime(time, now));

function typeTest(tests: readonly Test[]): (type: string) => boolean {
  const exact = new Set(tests.flatMap((test) => (test.op === "exact" ? [test.value] : [])));
  const scopes = compileScopes(tests.flatMap((test) => (test.op === "match" ? [test.parts.join("*")] : [])));
  return (type) => exact.has(type) || scopes(type);
}

/** @param anywhere a value without wildcards may stand anywhere in the text */
function anyText(tests: readonly Test[], anywhere = false): (text: string) => boolean {
  return anyOf(tests.map((test) => textTest(test, anywhere)));
}

function anyOf<T>(any: readonly ((value: T) => boolean)[]): (value: T) => boolean {
  const [only] = any;
  return any.length === 1 && only !== undefined ? only : (value) => any.some((test) => test(value));
}

function keyTest(test: Test): (text: string) => boolean {
  if (test.op === "exact") return (text) => text === test.value;
  return test.op === "match" ? (text) => matchParts(test.parts, text) : () => false;
}

function textTest(test: Test, anywhere: boolean): (text: string) => boolean {
  if (test.op === "exact") return (text) => text === test.value;
  if (test.op !== "match") return () => false;
  const parts = test.parts.map(foldCase);
  const [only] = parts;
  if (anywhere && parts.length === 1 && only !== undefined) return (text) => foldCase(text).includes(only);
  return (text) => matchParts(parts, foldCase(text));
}

function anyNumber(tests: readonly Test[]): (value: number) => boolean {
  return anyOf(tests.map(numberTest));
}

function numberTest(test: Test): (value: number) => boolean {
  switch (test.op) {
    case "match":
      return (value) => value === Number(test.parts[0]);
    case "exact":
      return (value) => value === Number(test.value);
    case "range":
      return (value) => value >= Number(test.from) && value <= Number(test.to);
    case "<":
      return (value) => value < Number(test.value);
    case "<=":
      return (value) => value <= Number(test.value);
    case ">":
      return (value) => value > Number(test.value);
    case ">=":
      return (value) => value >= Number(test.value);
  }
}
