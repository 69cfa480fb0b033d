import { expect, it } from "vitest";
import { classifyResponse, showsHealth, type Verdict } from "../../src/shared/rules/index.ts";

it.each<[number | null, number, Verdict, string]>([
  [200, 1, "delivered", "http_200"],
  [202, 50, "delivered", "http_202"],
  [299, 1, "delivered", "http_299"],
  [301, 1, "retry", "redirect"],
  [307, 1, "retry", "redirect"],
  [400, 1, "dead", "http_400"],
  [413, 1, "dead", "http_413"],
  [422, 1, "dead", "http_422"],
  [400, 2, "split", "http_400"],
  [413, 50, "split", "http_413"],
  [422, 2, "split", "http_422"],
  [410, 1, "pause", "http_410"],
  [410, 50, "pause", "http_410"],
  [401, 1, "retry", "http_401"],
  [403, 1, "retry", "http_403"],
  [404, 1, "retry", "http_404"],
  [408, 1, "retry", "http_408"],
  [429, 1, "retry", "http_429"],
  [500, 1, "retry", "http_500"],
  [503, 1, "retry", "http_503"],
  [null, 1, "retry", "no_answer"],
  [100, 1, "retry", "not_http"],
  [0, 1, "retry", "not_http"],
  [600, 1, "retry", "not_http"],
  [200.5, 1, "retry", "not_http"],
  [Number.NaN, 1, "retry", "not_http"],
])("%s for %i events: %s, %s", (status, batchSize, verdict, reason) => {
  expect(classifyResponse(status, batchSize)).toEqual({ verdict, reason });
});

it("a peer that refuses an event is well; one that fails or is gone is not", () => {
  const verdicts: readonly Verdict[] = ["delivered", "split", "dead", "retry", "pause"];
  expect(verdicts.map(showsHealth)).toEqual([true, true, true, false, false]);
});
