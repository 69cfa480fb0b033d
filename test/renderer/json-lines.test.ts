import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences } from "../../src/renderer/screens/event/differences.ts";
import { jsonLines } from "../../src/renderer/ui/json-lines.ts";

const joined = (text: string): string =>
  jsonLines(text)
    .map(({ key, value, comma }) => `${key === null ? "" : `${key}:`}${value}${comma ? "," : ""}`)
    .join("");

describe("jsonLines", () => {
  it("loses nothing of any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const compact = JSON.stringify(JSON.parse(text));
        expect(joined(compact)).toBe(compact);
      }),
    );
  });

  it("shows numbers as they came", () => {
    expect(jsonLines('{"n":12345678901234567890.10}')[1]?.value).toBe("12345678901234567890.10");
  });

  it("knows where a value stands and where a line closes", () => {
    const lines = jsonLines('{"a":{"b c":[1,{}]}}');
    expect(lines.map(({ path }) => path)).toEqual([
      "$",
      "$.a",
      '$.a["b c"]',
      '$.a["b c"][0]',
      '$.a["b c"][1]',
      '$.a["b c"]',
      "$.a",
      "$",
    ]);
    expect(lines[1]).toMatchObject({ kind: "open", end: 6, members: 1 });
  });
});

describe("differences", () => {
  it("names what differs, what is missing and what is new", () => {
    expect(differences('{"a":1,"b":[1,2],"c":true}', '{"a":1.0,"b":[1],"d":null}')).toEqual([
      { path: "$.a", held: "1", other: "1.0" },
      { path: "$.b[1]", held: "2", other: null },
      { path: "$.c", held: "true", other: null },
      { path: "$.d", held: null, other: "null" },
    ]);
  });

  it("finds nothing where only the order and the space differ", () => {
    expect(differences('{"a":1,"b":2}', '{ "b": 2, "a": 1 }')).toEqual([]);
  });
});
