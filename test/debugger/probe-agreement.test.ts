import { describe, expect, test } from "vitest";
import {
  explain,
  mapOfTopology,
  type ProbeStep,
  probeContradictions,
  probeGraph,
} from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { topology, way } from "../property/scenarios.ts";

const map = mapOfTopology(topology(way("A", "B", "C")), 0, "A");
const predicted = explain(map, { type: "x", dataBytes: 1, provenance: LOCAL_PROVENANCE }, "A");
const step = (number: string, from: string, to: string, hops: number, change: Partial<ProbeStep> = {}): ProbeStep => ({
  ...{ number, from, to, hops, forwards: true, waits: false, admits: true, holds: null, reason: null, evidence: null },
  ...{ sentence: "", beyond: "answered" },
  ...change,
});
const against = (...steps: ProbeStep[]): string[] => probeContradictions(map, predicted, probeGraph("A", 0, steps));

describe("a live probe beside the map", () => {
  test("agrees where the hubs say what was predicted", () => {
    expect(against(step("1.1", "A", "B", 1), step("1.1.1", "B", "C", 2))).toEqual([]);
  });

  test("contradicts it where a hub stops the event, or sends it where the map has nothing", () => {
    const stopped = step("1.1.1", "B", "C", 2, { forwards: false, reason: "out_of_scope", beyond: "not_sent" });
    expect(against(step("1.1", "A", "B", 1), stopped)).toEqual([
      "C: the map says hop 2, and the hubs say it does not get there.",
    ]);
    expect(against(step("1.1", "A", "B", 1), step("1.2", "A", "C", 1), step("1.1.1", "B", "D", 2))).toEqual([
      "C: the map says hop 2, and the hubs say it comes as hop 1.",
      "D: the map does not have it get there, and the hubs say it comes as hop 2.",
    ]);
  });

  test("knows a hub that does not tell its id by its name", () => {
    const instances = map.instances.map((one) => (one.key === "B" ? { ...one, instanceId: "http://b" } : one));
    const graph = probeGraph("A", 0, [step("1.1", "A", "B", 1, { beyond: "not_offered" })]);
    expect(probeContradictions({ ...map, instances }, predicted, graph)).toEqual([]);
  });

  test("says nothing of what lies beyond a hub that did not answer", () => {
    expect(against(step("1.1", "A", "B", 1, { beyond: "not_offered" }))).toEqual([]);
  });
});
