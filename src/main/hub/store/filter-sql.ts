import {
  type FieldTerm,
  type Filter,
  type FilterContext,
  foldCase,
  hasAnything,
  type Item,
  isAnything,
  isOutcomeItem,
  needsPayload,
  outcomeTest,
  peersOf,
  readNumber,
  type Test,
  timesOf,
  WITHOUT_OUTCOME,
  wordsOf,
} from "../../../shared/filter/index.ts";
import { outcomesQuery } from "./event-outcomes.ts";
import { likeOfGlob } from "./ledger-events.ts";

/** Collects the parameters of a statement, and gives each its place. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/**
 * A filter as a condition on the row `e` of `events`, with the same answer as `evaluate` of shared/filter gives with the
 * payload at hand; a test holds the two together. The cheap is asked before the dear: columns, then outcomes, then the
 * payload, which may have to be fetched and parsed.
 */
export function filterCondition(filter: Filter, context: FilterContext, p: Parameters): string {
  const plain = filter.items.filter((item) => !needsPayload(item) && !isOutcomeItem(item));
  const outcomes = filter.items.filter(isOutcomeItem);
  const payload = filter.items.filter(needsPayload);
  const first = plain.map((item) => itemCondition(item, context, p));
  if (outcomes.length > 0) first.push(outcomesCondition(outcomes, context, p));
  const cheap = first.length === 0 ? "true" : first.join(" AND ");
  if (payload.length === 0) return cheap;
  // AND promises no order; CASE does.
  return `CASE WHEN ${cheap} THEN ${payload.map((item) => itemCondition(item, context, p)).join(" AND ")} ELSE false END`;
}

function itemCondition({ negated, term }: Item, context: FilterContext, p: Parameters): string {
  const condition = term.kind === "text" ? freeText(term.text, p) : fieldCondition(term, context, p);
  return `${negated ? "NOT " : ""}COALESCE((${condition}), false)`;
}

const anyOf = (conditions: readonly string[]): string => (conditions.length === 0 ? "false" : conditions.join(" OR "));

/** The C collation knows case for A to Z alone, as `foldCase` does. */
const folded = (text: string): string => `lower(${text} COLLATE "C")`;

function freeText(text: string, p: Parameters): string {
  const wanted = p.add(foldCase(text), "text");
  return anyOf(
    ["type", "source", "id", "summary", "data"].map((column) => `strpos(${folded(`e.${column}`)}, ${wanted}) > 0`),
  );
}

function fieldCondition(term: FieldTerm, context: FilterContext, p: Parameters): string {
  const { field, tests } = term;
  switch (field) {
    case "type":
      return anyOf(tests.map((test) => typeCondition(test, p)));
    case "id":
      return anyOf(tests.map((test) => keyCondition(test, p)));
    case "source":
    case "summary":
      return anyText(`e.${field}`, tests, p, true);
    case "hook":
    case "origin":
      return anyText(`e.${field}`, tests, p);
    case "agent":
      return anyText("e.agent_to", tests, p);
    case "chain":
      return `e.chain <> '[]' AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(e.chain::jsonb) c (id) WHERE ${anyText("c.id", tests, p)})`;
    case "via":
      return hasAnything(tests) ? "e.via IS NOT NULL" : `e.via = ANY (${p.add([...peersOf(tests, context)], "int[]")})`;
    case "seq":
    case "hops":
      return anyNumber(`e.${field}`, tests, p, "bigint");
    case "bytes":
      return anyNumber("e.data_bytes", tests, p, "bigint");
    case "verified":
      return `e.verified::text = ANY (${p.add([...wordsOf(tests)], "text[]")})`;
    case "replay":
      return `(e.replay_of IS NOT NULL)::text = ANY (${p.add([...wordsOf(tests)], "text[]")})`;
    case "integrity":
      if (hasAnything(tests)) return "e.integrity IS NOT NULL";
      return `string_to_array(e.integrity, ',') && ${p.add([...wordsOf(tests)], "text[]")}`;
    case "since":
    case "until": {
      const times = p.add(
        timesOf(tests, context.now).map((time) => new Date(time)),
        "timestamptz[]",
      );
      return `e.received_at ${field === "since" ? ">=" : "<"} ANY (${times})`;
    }
    case "header":
      return `EXISTS (SELECT 1 FROM jsonb_each(${jsonOf("e.headers", "object")}) h (name, value)
        WHERE ${folded("h.name")} = ${p.add(term.path[0] ?? "", "text")} AND jsonb_typeof(h.value) = 'string'
          AND (${anyText("(h.value #>> '{}')", tests, p)}))`;
    case "data":
      return anyOf(tests.map((test) => `(${dataCondition(term.path, test, p)})`));
    case "peer":
    case "outcome":
    case "reason":
      throw new Error(`${field} is asked of outcomes, not of events`);
  }
}

function typeCondition(test: Test, p: Parameters): string {
  if (test.op === "exact") return `e.type = ${p.add(test.value, "text")}`;
  if (test.op !== "match") return "false";
  const pattern = p.add(likeOfGlob(test.parts.join("*")), "text");
  return `e.type COLLATE "C" LIKE ${pattern} OR e.type COLLATE "C" LIKE 'com.' || ${pattern}`;
}

function keyCondition(test: Test, p: Parameters): string {
  if (test.op === "exact") return `e.id = ${p.add(test.value, "text")}`;
  if (test.op !== "match") return "false";
  if (test.parts.length === 1) return `e.id = ${p.add(test.parts[0], "text")}`;
  return `e.id COLLATE "C" LIKE ${p.add(patternOf(test.parts), "text")}`;
}

/** A pattern of LIKE; stars within the parts are themselves. */
const patternOf = (parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll(/[\\%_]/g, "\\$&")).join("%");

function anyText(text: string, tests: readonly Test[], p: Parameters, anywhere = false): string {
  return anyOf(tests.map((test) => textCondition(text, test, p, anywhere)));
}

function textCondition(text: string, test: Test, p: Parameters, anywhere: boolean): string {
  if (test.op === "exact") return `${text} = ${p.add(test.value, "text")}`;
  if (test.op !== "match") return "false";
  if (isAnything(test.parts)) return `${text} IS NOT NULL`;
  const parts = test.parts.map(foldCase);
  if (parts.length > 1) return `${folded(text)} LIKE ${p.add(patternOf(parts), "text")}`;
  const wanted = p.add(parts[0], "text");
  return anywhere ? `strpos(${folded(text)}, ${wanted}) > 0` : `${folded(text)} = ${wanted}`;
}

function anyNumber(value: string, tests: readonly Test[], p: Parameters, type: string): string {
  return anyOf(
    tests.map((test) => {
      if (test.op === "range") return `${value} BETWEEN ${p.add(test.from, type)} AND ${p.add(test.to, type)}`;
      if (test.op === "match") return `${value} = ${p.add(test.parts[0], type)}`;
      return `${value} ${test.op === "exact" ? "=" : test.op} ${p.add(test.value, type)}`;
    }),
  );
}

/** A stored text as jsonb; null where it is no JSON, or such as jsonb does not take, or of another type. */
function jsonOf(text: string, type?: "object"): string {
  const value = `CASE WHEN pg_input_is_valid(${text}, 'jsonb') THEN ${text}::jsonb END`;
  return type === undefined ? value : `CASE jsonb_typeof(${value}) WHEN '${type}' THEN ${text}::jsonb END`;
}

function dataCondition(path: readonly string[], test: Test, p: Parameters): string {
  const value = `(${jsonOf("e.data")}) #> ${p.add(path, "text[]")}`;
  const mention = mentioned(path, p);
  if (test.op === "match" && isAnything(test.parts)) return `${mention}${value} IS NOT NULL`;
  // In lax mode, anything but an array is taken for an array of one.
  return `${mention}EXISTS (SELECT 1 FROM (SELECT j, jsonb_typeof(j) AS type, j #>> '{}' AS text FROM jsonb_path_query(${value}, '$[*]') AS q (j)
    OFFSET 0) v WHERE ${scalarCondition(test, p)})`;
}

/** Data that nowhere mentions the last name of the path need not be parsed, unless the name may be written with escapes. */
function mentioned(path: readonly string[], p: Parameters): string {
  const name = path.at(-1) ?? "";
  if (name === "" || /[\s\d"\\+-]|\p{Cc}/u.test(name)) return "";
  return `(strpos(e.data, ${p.add(name, "text")}) > 0 OR strpos(e.data, '\\') > 0) AND `;
}

const NUMBER = "(CASE WHEN v.type = 'number' AND pg_input_is_valid(v.text, 'float8') THEN v.text::float8 END)";

function scalarCondition(test: Test, p: Parameters): string {
  switch (test.op) {
    case "match": {
      const text = `v.type = 'string' AND (${textCondition("v.text", test, p, false)})`;
      return test.parts.length > 1 ? text : `${text} OR ${sameScalar(test.parts[0] ?? "", p)}`;
    }
    case "exact":
      return `v.type = 'string' AND v.text = ${p.add(test.value, "text")} OR ${sameScalar(test.value, p)}`;
    case "range":
      return `${NUMBER} BETWEEN ${p.add(test.from, "float8")} AND ${p.add(test.to, "float8")}`;
    default:
      if (readNumber(test.value) !== null) return `${NUMBER} ${test.op} ${p.add(test.value, "float8")}`;
      return `v.type = 'string' AND v.text COLLATE "C" ${test.op} ${p.add(test.value, "text")}`;
  }
}

function sameScalar(text: string, p: Parameters): string {
  const number = readNumber(text);
  if (number !== null) return `${NUMBER} = ${p.add(number, "float8")}`;
  return text === "true" || text === "false" || text === "null" ? `v.j = '${text}'::jsonb` : "false";
}

type OutcomeItem = Item & { readonly term: FieldTerm };

/** See `Filter` for how items about outcomes speak together. */
function outcomesCondition(items: readonly OutcomeItem[], context: FilterContext, p: Parameters): string {
  const without = items.every(({ negated, term }) => outcomeTest(term, context)(WITHOUT_OUTCOME) !== negated);
  const every = items.every(({ negated }) => negated);
  const fits = items
    .map(({ negated, term }) => `${negated ? "NOT " : ""}COALESCE((${outcomeCondition(term, context, p)}), false)`)
    .join(" AND ");
  const outcomes = `SELECT 1 FROM (${outcomesQuery("= e.seq", "= e.segment")}) o`;
  const found = every ? `NOT EXISTS (${outcomes} WHERE NOT (${fits}))` : `EXISTS (${outcomes} WHERE ${fits})`;
  if (every) return without ? found : `(EXISTS (${outcomes}) AND ${found})`;
  return without ? `(${found} OR NOT EXISTS (${outcomes}))` : found;
}

function outcomeCondition({ field, tests }: FieldTerm, context: FilterContext, p: Parameters): string {
  if (field === "reason") return anyText("o.reason", tests, p);
  if (hasAnything(tests)) return "true";
  if (field === "peer") return `o.peer = ANY (${p.add([...peersOf(tests, context)], "int[]")})`;
  return `o.state = ANY (${p.add([...wordsOf(tests)], "text[]")})`;
}
