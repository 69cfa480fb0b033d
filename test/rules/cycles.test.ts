import { describe, expect, it } from "vitest";
import { findCycles } from "../../src/shared/rules/index.ts";
import { link, topology, way } from "../property/scenarios.ts";

describe("findCycles", () => {
  it.each([
    ["no links", [], [], []],
    ["a chain", way("A", "B", "C"), [], []],
    ["a diamond", [...way("A", "B", "D"), ...way("A", "C", "D")], [], []],
    ["a pair", way("A", "B", "A"), [["A", "B"]], [["A", "B"]]],
    ["a link to oneself", [link("A", "A")], [["A"]], [["A"]]],
    ["a ring", way("A", "B", "C", "A"), [["A", "B", "C"]], [["A", "B", "C"]]],
    [
      "two rings that share an instance",
      [...way("A", "B", "A"), ...way("B", "C", "B")],
      [["A", "B", "C"]],
      [
        ["A", "B"],
        ["B", "C"],
      ],
    ],
    [
      "two rings apart, and a way between them",
      [...way("A", "B", "A"), link("B", "C"), ...way("C", "D", "C")],
      [
        ["A", "B"],
        ["C", "D"],
      ],
      [
        ["A", "B"],
        ["C", "D"],
      ],
    ],
    [
      "two links in one direction: one cycle",
      [link("A", "B"), link("A", "B"), link("B", "A")],
      [["A", "B"]],
      [["A", "B"]],
    ],
    ["a ring with a revoked link", [...way("A", "B"), link("B", "A", { status: "revoked" })], [], []],
    ["a ring with a paused link", [...way("A", "B"), link("B", "A", { status: "paused" })], [["A", "B"]], [["A", "B"]]],
  ])("%s", (_, links, components, cycles) => {
    expect(findCycles(topology(links))).toEqual({ components, cycles, complete: true });
  });

  it("names both directions of a full triangle and its three pairs", () => {
    const keys = ["A", "B", "C"];
    const links = keys.flatMap((from) => keys.filter((to) => to !== from).map((to) => link(from, to)));
    expect(findCycles(topology(links)).cycles).toEqual([
      ["A", "B"],
      ["A", "B", "C"],
      ["A", "C"],
      ["A", "C", "B"],
      ["B", "C"],
    ]);
  });

  it("stops listing at its limits, and says so; the components are whole", () => {
    const keys = Array.from({ length: 14 }, (_, index) => `i${index}`);
    const links = keys.flatMap((from) => keys.map((to) => link(from, to)));
    const few = findCycles(topology(links), { maxCycles: 10, maxSteps: 100_000 });
    expect(few).toMatchObject({ components: [keys], complete: false });
    expect(few.cycles.length).toBe(10);
    expect(findCycles(topology(links), { maxCycles: 1e9, maxSteps: 1_000 }).complete).toBe(false);
  });

  it("goes down a chain of ten thousand instances without a call stack", () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `i${index}`);
    const { components, cycles, complete } = findCycles(topology(way(...keys, "i0")));
    expect([components.length, cycles.length, cycles[0]?.length, complete]).toEqual([1, 1, 10_000, true]);
  });
});
