import { describe, expect, test } from "vitest";
import { LabFile, LabTopology, labTopology, sayFileProblems, TopologyFile } from "../../src/shared/lab/index.ts";

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
