import fc from "fast-check";
import {
  FIELD_NAMES,
  type FieldName,
  type Filter,
  type FilterOutcome,
  type FilterPayload,
  type FilterRow,
  fieldOf,
  foldCase,
  type Item,
  parseFilter,
  type Test,
} from "../../src/shared/filter/index.ts";
import { DROP_REASONS, INTEGRITY_ISSUES, OUTBOX_STATES } from "../../src/shared/rules/index.ts";

/** Few words, so that filters and events meet; among them every sign that means something to someone on the way. */
const WORDS = [
  "a",
  "B",
  "ab",
  "prod",
  "Prod",
  "%",
  "_",
  "\\",
  '"',
  "'",
  "*",
  ",",
  ":",
  "-",
  ".",
  "..",
  "é",
  "É",
  "İ",
  "💥",
  "ff",
  " ",
  "\n",
  "$1",
  "null",
  "true",
  "1",
  "2",
  "1.0",
  "-3",
  "1e2",
  "{",
  "]",
] as const;

export const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }).map((words) => words.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.replaceAll("\0", "")) },
);
const someWord = word.filter((text) => text !== "");

export const TYPES = [
  "com.stripe.charge",
  "stripe.charge",
  "com.com.a",
  "github.push",
  "com.gitHub.push_1%",
  "we?ird*",
];
export const PEERS = [
  { no: 1, name: "staging" },
  { no: 2, name: "prod" },
  { no: 3, name: "50%_off" },
  { no: 4, name: "prod" },
];

export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    {
      weight: 4,
      arbitrary: fc.oneof(
        word,
        fc.integer({ min: -3, max: 200 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.dictionary(fc.constantFrom("a", "B", "amount", "0", "-1", "é"), tie("value"), { maxKeys: 3 }),
    },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
  ),
})).value;

/** The text of an event's data: JSON, mostly; and what JSON allows and PostgreSQL does not take. */
const dataText = fc.oneof(
  { weight: 12, arbitrary: json.map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"a":"\\u0000"}',
      '{"a":"\\ud800"}',
      '{"amount":1e400}',
      '{"a":1,"a":2}',
      '{"a":1.0}',
      '{"amount":1e999999}',
      '{"a":"\\\\u0000"}',
    ),
  },
);

export const payload: fc.Arbitrary<FilterPayload> = fc.record({
  data: fc.option(dataText, { freq: 6 }),
  headers: fc.option(
    fc
      .dictionary(fc.constantFrom("x-event", "X-Event", "a.b"), fc.oneof(word, fc.integer()), { maxKeys: 2 })
      .map((h) => JSON.stringify(h)),
  ),
});

const outcome: fc.Arbitrary<FilterOutcome> = fc
  .record({
    peer: fc.constantFrom(1, 2, 3, 4),
    state: fc.constantFrom(...OUTBOX_STATES, "dropped"),
    rule: fc.constantFrom(...DROP_REASONS),
    cause: fc.constantFrom("loop", "refused", "404"),
  })
  .map(({ rule, cause, ...made }) => {
    if (made.state === "dropped") return { ...made, reason: rule };
    return { ...made, reason: made.state === "dead" || made.state === "cancelled" ? cause : null };
  });

export const NOW = Date.UTC(2026, 0, 31, 12);

export const row: fc.Arbitrary<FilterRow & FilterPayload> = fc
  .record({
    seq: fc.integer({ min: 1, max: 30 }),
    at: fc.constantFrom(0, 1, 60_000, 3_600_000, 7_200_000, 86_400_000).map((ago) => NOW - ago),
    id: someWord,
    source: fc.oneof(someWord, fc.constantFrom("https://github.com/acme/a", "https://github.com/acme/ab")),
    type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: someWord }),
    summary: fc.option(word),
    hook: fc.option(fc.constantFrom("github", "Stripe")),
    via: fc.option(fc.constantFrom(1, 2, 3, 9)),
    origin: fc.option(someWord),
    chain: fc.array(word, { maxLength: 3 }),
    hops: fc.integer({ min: 0, max: 4 }),
    verified: fc.boolean(),
    integrity: fc.uniqueArray(fc.constantFrom(...INTEGRITY_ISSUES), { maxLength: 2 }),
    agentTo: fc.option(fc.constantFrom("bot", "Bot_2"), { freq: 2 }),
    replayOf: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 2 }),
    outcomes: fc.uniqueArray(outcome, { maxLength: 3, selector: ({ peer }) => peer }),
    payload,
  })
  .map(({ payload, ...rest }) => ({
    ...rest,
    ...payload,
    dataBytes: payload.data === null ? 0 : Buffer.byteLength(payload.data),
  }));

const parts = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((all) => all.filter((part, index) => part !== "" || index === 0 || index === all.length - 1))
  .filter((all) => all.length > 1 || all[0] !== "");
const match = (all: fc.Arbitrary<string[]>): fc.Arbitrary<Test> => all.map((parts) => ({ op: "match", parts }));
const exact: fc.Arbitrary<Test> = someWord.map((value) => ({ op: "exact", value }));
const one = (values: fc.Arbitrary<string>): fc.Arbitrary<Test> => match(values.map((value) => [value]));
const comparison = fc.constantFrom("<", "<=", ">", ">=");

function compared(values: fc.Arbitrary<string>): fc.Arbitrary<Test> {
  return fc.oneof(
    fc.record({ op: comparison, value: values }),
    fc.tuple(values, values).map(([a, b]): Test => {
      const [from, to] = Number(a) <= Number(b) ? [a, b] : [b, a];
      return { op: "range", from, to };
    }),
  );
}

const whole = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 300 })).map(String);
const number = fc
  .oneof(fc.integer({ min: -3, max: 200 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map(String)
  .filter((text) => text !== "-0");
const anything: fc.Arbitrary<Test> = fc.constant({ op: "match", parts: ["", ""] });

const peerName = fc.oneof(
  one(fc.constantFrom("staging", "PROD", "50%_off", "nobody")),
  match(fc.constant(["p", "d"])),
  anything,
);
const typeScope = match(
  fc.constantFrom(
    ["stripe.charge"],
    ["stripe.", ""],
    ["com.", ""],
    ["", "push"],
    ["", ""],
    ["com.gitHub.push_1%"],
    ["a"],
    ["c", ".", "e"],
  ),
);

function testOf(field: FieldName): fc.Arbitrary<Test> {
  const { kind, values } = fieldOf(field);
  if (field === "peer" || field === "via") return peerName;
  if (field === "reason")
    return fc.oneof(one(fc.constantFrom("hop_limit", "LOOP", "404")), match(fc.constant(["", "o", ""])));
  switch (kind) {
    case "type":
      return fc.oneof(
        typeScope,
        fc.constantFrom(...TYPES).map((value): Test => ({ op: "exact", value })),
      );
    case "text":
    case "key":
    case "contains":
      return fc.oneof(match(parts), exact, anything, one(fc.constantFrom("github", "stripe", "bot")));
    case "number":
      return fc.oneof(one(whole), compared(whole));
    case "time":
      return one(
        fc.constantFrom("2h", "1m", "0s", "1d", "2026-01-31", "2026-01-31T11:00", "2026-01-31T12:59:00+01:00"),
      );
    case "flag":
      return one(fc.constantFrom(...values));
    case "word":
      return fc.oneof(one(fc.constantFrom(...values)), anything);
    case "json":
      return fc.oneof(
        match(parts),
        one(fc.constant("")),
        exact,
        anything,
        one(number),
        compared(number),
        fc.record({ op: comparison, value: word }),
      );
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "amount", "B", "0", "-1", "é") },
  { weight: 1, arbitrary: word },
);

function pathOf(field: FieldName): fc.Arbitrary<string[]> {
  if (field === "header") return fc.oneof(fc.constantFrom("x-event", "a.b"), someWord).map((name) => [foldCase(name)]);
  return field === "data" ? fc.array(step, { minLength: 1, maxLength: 2 }) : fc.constant([]);
}

const term = fc.oneof(
  { weight: 1, arbitrary: someWord.map((text) => ({ kind: "text" as const, text })) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...FIELD_NAMES, "data" as const, "peer" as const, "outcome" as const).chain((field) =>
      fc.record({
        kind: fc.constant("field" as const),
        field: fc.constant(field),
        path: pathOf(field),
        tests: fc.array(testOf(field), { minLength: 1, maxLength: 2 }),
      }),
    ),
  },
);

const item: fc.Arbitrary<Item> = fc.record({ negated: fc.boolean(), term, span: fc.constant(null) });

/** Any filter, in canonical form. */
export const filter: fc.Arbitrary<Filter> = fc.record({ items: fc.array(item, { maxLength: 4 }) });

/** Few items, so that it is not a wonder when an event fits. */
export const shortFilter: fc.Arbitrary<Filter> = fc.record({ items: fc.array(item, { minLength: 1, maxLength: 2 }) });

/** Texts near the grammar, right and wrong. */
export const filterText = fc
  .array(
    fc.oneof(
      word,
      fc.constantFrom(
        " ",
        " -",
        "type:",
        "hops:>=",
        "data.",
        "hedaer.x:",
        "since:2h",
        "bytes:2kb",
        "outcome:Dead",
        "seq:1..",
        '"',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** Without spans, which tell where an item stood and not what it means. */
export const bare = ({ items }: Filter): Filter => ({ items: items.map((each) => ({ ...each, span: null })) });

export function parsed(text: string): Filter {
  const result = parseFilter(text);
  if (!result.ok) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(result.errors)}`);
  return bare(result.filter);
}
