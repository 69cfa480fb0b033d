import { describe, expect, it } from "vitest";
import { followNames, namesIn } from "../../src/renderer/screens/lab/follow-names.ts";

describe("the links of a drawn lab", () => {
  const links = [
    { from: "A", to: "B" },
    { from: "B", to: "C" },
  ];
  const names = namesIn("A, B, C");

  it("follow a hub that gets another name", () => {
    expect(followNames(links, names, namesIn("laptop, staging production"))).toEqual([
      { from: "laptop", to: "staging" },
      { from: "staging", to: "production" },
    ]);
    expect(followNames(links, names, namesIn("B, A, C"))).toEqual([
      { from: "B", to: "A" },
      { from: "A", to: "C" },
    ]);
  });

  it("stay where hubs went, came, or cannot be told apart", () => {
    for (const text of ["A, B", "A, B, C, D", "A, A, C"]) expect(followNames(links, names, namesIn(text))).toBe(links);
    expect(followNames(links, namesIn("A, A, C"), namesIn("A, B, C"))).toBe(links);
  });
});
