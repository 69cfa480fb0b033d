import { describe, expect, it } from "vitest";
import { DELIVERY_FAILED_TYPE, LOCAL_PROVENANCE, type SimulationStep, simulate } from "../../src/shared/rules/index.ts";
import { link, PUSH, topology, way } from "../property/scenarios.ts";

const PAIR = topology(way("A", "B"));
const AT_A = [{ at: "A", provenance: LOCAL_PROVENANCE }];

describe("simulate", () => {
  it("offers one step after the other, and nothing when all is done", () => {
    const seen: string[] = [];
    const result = simulate(PAIR, PUSH, AT_A, (steps) => {
      seen.push(steps.map(({ kind }) => kind).join());
      return 0;
    });
    expect(seen).toEqual(["publish", "claim", "arrive", "answer"]);
    expect(result).toMatchObject({ ended: true, steps: 4, illegal: [], refusals: [] });
    expect(result.links.get("A>B")).toMatchObject({ entries: [{ state: "delivered", attempts: 1 }] });
  });

  it.each([
    ["lose", "before it arrives", 0, 2],
    ["lose", "after it arrived", 1, 2],
    ["time_out", "and arrives later", 0, 2],
    ["repeat", "and is told twice", 0, 1],
  ])("%s: a request that is lost %s is tried again and stored once", (kind, _, skip, attempts) => {
    let left = skip;
    const result = simulate(
      PAIR,
      PUSH,
      AT_A,
      pick(kind, () => left-- <= 0),
      { faults: 1 },
    );
    expect(result.ended).toBe(true);
    expect(result.instances.get("B")).toMatchObject({ stored: 1 });
    expect(result.links.get("A>B")).toMatchObject({ entries: [{ state: "delivered", attempts }] });
  });

  it("lets a request that timed out arrive after its successor", () => {
    let calls = 0;
    const result = simulate(
      PAIR,
      PUSH,
      AT_A,
      (steps) => {
        calls++;
        const timeOut = steps.findIndex(({ kind }) => kind === "time_out");
        return timeOut >= 0 ? timeOut : steps.findLastIndex(({ kind }) => kind !== "publish" || calls === 1);
      },
      { faults: 1 },
    );
    expect(result.instances.get("B")).toMatchObject({ stored: 1, duplicates: 1 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 1e300])("takes %s for a choice", (choice) => {
    expect(simulate(PAIR, PUSH, AT_A, () => choice).ended).toBe(true);
  });

  it("stops where it is told to, and says that it did not end", () => {
    expect(simulate(PAIR, PUSH, AT_A, () => 0, { maxSteps: 2 })).toMatchObject({ ended: false, steps: 2 });
  });

  it("knows nothing of instances that are not there", () => {
    const result = simulate(PAIR, PUSH, [{ at: "Z", provenance: LOCAL_PROVENANCE }], () => 0);
    expect(result).toMatchObject({ ended: true, steps: 1 });
    expect(result.instances.size).toBe(0);
  });

  it("keeps an internal event where it was made, and refuses it from outside", () => {
    const event = { type: DELIVERY_FAILED_TYPE, dataBytes: 10 };
    const made = simulate(PAIR, event, [{ at: "A", provenance: LOCAL_PROVENANCE, own: true }], () => 0);
    expect([...made.instances.keys()]).toEqual(["A"]);
    expect(made.links.get("A>B")?.decision).toMatchObject({ reason: "internal_event" });
    const sent = simulate(PAIR, event, AT_A, () => 0);
    expect(sent.instances.size).toBe(0);
    expect(sent.refusals).toMatchObject([{ at: "A", reason: "internal_event" }]);
  });

  it("runs two links between the same two instances apart", () => {
    const double = topology([link("A", "B"), { ...link("A", "B", { id: "second" }), id: "second" }]);
    const result = simulate(double, PUSH, AT_A, () => 0);
    expect(result.instances.get("B")).toMatchObject({ stored: 1, duplicates: 1 });
    expect([...result.links.keys()]).toEqual(["A>B", "second"]);
  });
});

/** Takes a step of this kind where there is one and the moment is right, else the first. */
function pick(kind: string, now: () => boolean): (steps: readonly SimulationStep[]) => number {
  return (steps) => {
    const found = steps.findIndex((step) => step.kind === kind);
    return found >= 0 && now() ? found : 0;
  };
}
