import { describe, expect, it } from "vitest";
import {
  checkIntegrity,
  explainIssue,
  INTEGRITY_ISSUES,
  type IntegrityIssue,
  LOCAL_PROVENANCE,
  MAX_HOPS,
  readProvenance,
  type WireProvenance,
} from "../../src/shared/rules/index.ts";

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `hub-${index}`);
const json = JSON.stringify;

describe("what is kept", () => {
  it.each<[string, WireProvenance, { origin: string | null; chain: string[]; hops: number }, IntegrityIssue[]]>([
    ["nothing at all: a local event", {}, { origin: null, chain: [], hops: 0 }, []],
    ["nulls", { origin: null, chain: null, hops: null }, { origin: null, chain: [], hops: 0 }, []],
    [
      "a well-formed one",
      { origin: "a", chain: '["a","b"]', hops: 2 },
      { origin: "a", chain: ["a", "b"], hops: 2 },
      [],
    ],
    [
      "hops as a decimal string",
      { origin: "a", chain: '["a"]', hops: "1" },
      { origin: "a", chain: ["a"], hops: 1 },
      [],
    ],
    [
      "hops with leading zeros",
      { origin: "a", chain: '["a"]', hops: "+01" },
      { origin: "a", chain: ["a"], hops: 1 },
      [],
    ],
    [
      "the most ids",
      { origin: "hub-0", chain: json(ids(64)), hops: 64 },
      { origin: "hub-0", chain: ids(64), hops: 64 },
      [],
    ],
    [
      "no hops: the chain counts",
      { origin: "a", chain: '["a","b"]' },
      { origin: "a", chain: ["a", "b"], hops: 2 },
      ["hops_mismatch"],
    ],
    [
      "too many hops: they count",
      { origin: "a", chain: '["a"]', hops: 9 },
      { origin: "a", chain: ["a"], hops: 9 },
      ["hops_mismatch"],
    ],
    [
      "too few hops: the chain counts",
      { origin: "a", chain: '["a","b"]', hops: 1 },
      { origin: "a", chain: ["a", "b"], hops: 2 },
      ["hops_mismatch"],
    ],
    [
      "another origin",
      { origin: "z", chain: '["a"]', hops: 1 },
      { origin: "z", chain: ["a"], hops: 1 },
      ["origin_mismatch"],
    ],
    ["no origin", { chain: '["a"]', hops: 1 }, { origin: null, chain: ["a"], hops: 1 }, ["origin_mismatch"]],
    ["an origin alone", { origin: "a" }, { origin: "a", chain: [], hops: 0 }, ["origin_mismatch"]],
    [
      "a repeated id",
      { origin: "a", chain: '["a","b","a"]', hops: 3 },
      { origin: "a", chain: ["a", "b", "a"], hops: 3 },
      ["repeated_id"],
    ],
    [
      "an empty id",
      { origin: "a", chain: '["a",""]', hops: 2 },
      { origin: "a", chain: ["a", ""], hops: 2 },
      ["empty_id"],
    ],
    ["a chain that is no JSON", { chain: "a,b" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["an empty chain string", { chain: "" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    [
      "a real array instead of a string",
      { origin: "a", chain: ["a"], hops: 1 },
      { origin: "a", chain: ["a"], hops: 1 },
      ["unparsable"],
    ],
    ["an origin that is no string", { origin: 5 }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["an empty origin", { origin: "" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["negative hops", { hops: -1 }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["negative hops in a string", { hops: "-7" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["a fraction: rounded up", { hops: 1.2 }, { origin: null, chain: [], hops: 2 }, ["hops_mismatch", "unparsable"]],
    ["a fraction in a string", { hops: "1.5" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["too large", { hops: 1e300 }, { origin: null, chain: [], hops: MAX_HOPS }, ["hops_mismatch", "unparsable"]],
    [
      "too large in a string",
      { hops: "9".repeat(400) },
      { origin: null, chain: [], hops: MAX_HOPS },
      ["hops_mismatch", "unparsable"],
    ],
    ["no number", { hops: "NaN" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["hexadecimal", { hops: "0x10" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["exponential", { hops: "1e3" }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["true", { hops: true }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    ["an object", { hops: { valueOf: 3 } }, { origin: null, chain: [], hops: 0 }, ["unparsable"]],
    [
      "ids that are names of the language",
      { origin: "__proto__", chain: '["__proto__","constructor"]', hops: 2 },
      { origin: "__proto__", chain: ["__proto__", "constructor"], hops: 2 },
      [],
    ],
  ])("%s", (_, wire, provenance, issues) => {
    expect(readProvenance(wire)).toEqual({ ok: true, provenance, issues });
  });

  it("takes the caller at its word only if it is the last of the chain", () => {
    const wire = { origin: "a", chain: '["a","b"]', hops: 2 };
    expect(readProvenance(wire, "b")).toMatchObject({ ok: true, issues: [] });
    expect(readProvenance(wire, "a")).toMatchObject({ ok: true, issues: ["caller_mismatch"] });
    expect(readProvenance({}, "a")).toMatchObject({ ok: true, issues: ["caller_mismatch"] });
  });
});

describe("what is refused", () => {
  it.each<[string, WireProvenance, Record<string, unknown>]>([
    ["an object", { chain: {} }, { field: "kitefedchain", problem: "not_an_array_of_strings", found: "object" }],
    ["a number", { chain: 3 }, { field: "kitefedchain", problem: "not_an_array_of_strings", found: "number" }],
    ["JSON that is no array", { chain: '"a"' }, { problem: "not_an_array_of_strings", found: "string" }],
    ["JSON null", { chain: "null" }, { problem: "not_an_array_of_strings", found: "null" }],
    ["a number among ids", { chain: '["a",1]' }, { problem: "not_an_array_of_strings", index: 1, found: "number" }],
    ["an array among ids", { chain: '[["a"]]' }, { problem: "not_an_array_of_strings", index: 0, found: "array" }],
    ["65 ids", { chain: json(ids(65)) }, { problem: "too_many_ids", count: 65, limit: 64 }],
    ["10,000 ids", { chain: json(ids(10_000)) }, { problem: "too_many_ids", count: 10_000, limit: 64 }],
    [
      "an id that is too long",
      { chain: json(["a", "x".repeat(129)]) },
      { problem: "id_too_long", index: 1, length: 129, limit: 128, id: "x".repeat(128) },
    ],
    [
      "an id with a NUL",
      { chain: json(["a\u0000b"]) },
      { problem: "id_has_control_characters", index: 0, id: "a\ufffdb" },
    ],
    ["an id with half a character", { chain: '["\\ud800"]' }, { problem: "id_has_control_characters", id: "\ufffd" }],
    ["an origin with a line end", { origin: "a\n" }, { field: "kitefedorigin", problem: "id_has_control_characters" }],
    ["an origin that is too long", { origin: "x".repeat(999) }, { field: "kitefedorigin", problem: "id_too_long" }],
  ])("%s", (_, wire, evidence) => {
    const read = readProvenance(wire);
    expect(read).toMatchObject({ ok: false, reason: "provenance_invalid", evidence });
  });
});

describe("the integrity badge", () => {
  it("is clean for a local event", () => {
    expect(checkIntegrity(LOCAL_PROVENANCE, 0, null)).toEqual([]);
  });

  it("names everything that does not fit", () => {
    const odd = { origin: "z", chain: ["a", "", "a"], hops: 5 };
    expect(checkIntegrity(odd, 5, "b")).toEqual([
      "hops_mismatch",
      "origin_mismatch",
      "caller_mismatch",
      "repeated_id",
      "empty_id",
    ]);
  });

  it("has a sentence for each issue", () => {
    const sentences = INTEGRITY_ISSUES.map(explainIssue);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(new Set(sentences).size).toBe(INTEGRITY_ISSUES.length);
  });
});
