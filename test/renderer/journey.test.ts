import { describe, expect, it } from "vitest";
import { journeyOf, placeOf } from "../../src/renderer/screens/event/journey-model.ts";
import { eventOf, NOW } from "../support/fake-console/generated.ts";

const laneOf = (seq: number, name: string) => {
  const found = journeyOf(eventOf(seq), "kite-local", NOW).lanes.find((lane) => lane.name === name);
  if (found === undefined) throw new Error(`no lane ${name}`);
  return found;
};

describe("journeyOf", () => {
  it("has a lane for each instance on the chain, this hub, and each peer", () => {
    const { lanes, foreignClock } = journeyOf(eventOf(2_982), "kite-local", NOW);
    expect(lanes.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      "before kite-prod-eu",
      "before kite-staging",
      "here kite-local",
      "peer staging",
      "peer prod-eu",
      "peer laptop-ana",
    ]);
    expect(foreignClock).toBe(true);
  });

  it("has queued, try and the waits between tries, without a hole or an overlap", () => {
    const { segments } = laneOf(2_970, "prod-eu");
    expect(segments.map(({ kind }) => kind)).toEqual([
      "queued",
      "attempt",
      "waiting",
      "attempt",
      "waiting",
      "attempt",
      "waiting",
    ]);
    expect(segments.slice(1).map(({ from }) => from)).toEqual(segments.slice(0, -1).map(({ to }) => to));
    expect(segments.filter(({ failed }) => failed)).toHaveLength(3);
  });

  it("says why a peer did not get it", () => {
    expect(laneOf(2_982, "laptop-ana").says).toBe("Dropped: hop limit");
  });

  it("says how long a delivery took", () => {
    expect(laneOf(2_984, "staging").says).toBe("Delivered after 87 ms");
  });
});

describe("placeOf", () => {
  it("goes from 0 to 1 and never back", () => {
    const span = { from: 1_000, to: 3_601_000 };
    expect(placeOf(span.from, span)).toBe(0);
    expect(placeOf(span.to, span)).toBe(1);
    const places = [1, 10, 100, 1_000, 10_000, 100_000].map((ms) => placeOf(span.from + ms, span));
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("puts everything at the start where no time passed", () => {
    expect(placeOf(5, { from: 5, to: 5 })).toBe(0);
  });
});
