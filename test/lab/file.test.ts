import { describe, expect, test } from "vitest";
import {
  LabFile,
  LabTopology,
  labTopology,
  readMaxHops,
  sayFileProblems,
  TopologyFile,
  withMaxHops,
} from "../../src/shared/lab/index.ts";

const names = (described: unknown): string[] => labTopology(LabTopology.parse(described)).links.map(({ id }) => id);

describe("shapes", () => {
  test.each([
    [{ shape: "pair", instances: 2 }, ["A>B", "B>A"]],
    [{ shape: "chain", instances: 3 }, ["A>B", "B>C"]],
    [{ shape: "chain", instances: 3, bothWays: true }, ["A>B", "B>C", "B>A", "C>B"]],
    [{ shape: "ring", instances: 3 }, ["A>B", "B>C", "C>A"]],
    [{ shape: "star", instances: ["M", "x", "y"] }, ["M>x", "M>y", "x>M", "y>M"]],
    [{ shape: "diamond", instances: 4 }, ["A>B", "B>D", "A>C", "C>D"]],
    [{ shape: "mesh", instances: 3 }, ["A>B", "A>C", "B>A", "B>C", "C>A", "C>B"]],
  ])("%j", (described, links) => {
    expect(names(described)).toEqual(links);
  });

  test("a full mesh of twelve has every link once", () => {
    expect(new Set(names({ shape: "mesh", instances: 12 })).size).toBe(132);
  });
});

describe("another hop limit for all links", () => {
  test("is that of a shape, and of links drawn one by one", () => {
    const limits = (described: unknown): number[] =>
      labTopology(withMaxHops(LabTopology.parse(described), 5)).links.map(({ policy }) => policy.maxHops);
    expect(limits({ shape: "chain", instances: 3, maxHops: 2 })).toEqual([5, 5]);
    const links = [{ from: "A", to: "B", maxHops: 1 }];
    expect(limits({ instances: [{ key: "A" }, { key: "B" }], links })).toEqual([5]);
  });

  test("is a whole number from 1 to 64", () => {
    expect(readMaxHops("4")).toBe(4);
    for (const wrong of ["0", "65", "1.5", "four", ""]) expect(() => readMaxHops(wrong)).toThrow("from 1 to 64");
  });
});

describe("a file that is wrong says where", () => {
  const problems = (file: unknown): string => {
    const read = LabFile.safeParse(file);
    return read.success ? "" : sayFileProblems(read.error);
  };
  const lab = { name: "x", lesson: "", topology: { shape: "pair", instances: 2 }, steps: [], expect: [] };

  test("a link or an instance that is not there", () => {
    expect(problems({ ...lab, steps: [{ do: "publish", at: "Z" }] })).toBe("  steps.0: there is no instance Z");
    expect(problems({ ...lab, faults: [{ link: "A>Z", fault: { kind: "down" } }] })).toContain(
      "faults.0: there is no link A>Z",
    );
  });

  test("a topology that is drawn wrongly", () => {
    const topology = { instances: [{ key: "A" }, { key: "B" }], links: [{ from: "A", to: "C" }] };
    expect(problems({ ...lab, topology })).toContain("topology.links.0: there is no instance C");
    expect(problems({ ...lab, topology: { shape: "rng", instances: 2 } })).toContain("topology.shape");
  });

  test("none, where all is well", () => {
    expect(problems(lab)).toBe("");
    expect(TopologyFile.parse(lab)).toEqual({ shape: "pair", instances: 2 });
  });
});
