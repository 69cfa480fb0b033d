import { expect, test } from "vitest";
import { SECTIONS } from "../../src/main/hub/store/transfer.ts";
import { describeSections } from "../../src/main/hub/transfer/index.ts";

test('an export is summed up in words: no "1 teams", and no names of tables', () => {
  const all = (n: number) => describeSections(Object.fromEntries(SECTIONS.map((section) => [section, n]))).split(", ");
  expect(all(1)).toHaveLength(SECTIONS.length);
  expect(all(1).join()).not.toMatch(/_|teams|events|entries/);
  expect(all(2)).toEqual(expect.arrayContaining(["2 teams", "2 outbox entries", "2 API keys", "2 events"]));
  expect(describeSections({ events: 3, teams: 1, peers: 0 })).toBe("1 team, 3 events");
  expect(describeSections({})).toBe("nothing");
});
