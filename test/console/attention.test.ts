import { describe, expect, test } from "vitest";
import { refusedOf } from "../../src/main/console/show/attention.ts";

const count = (kind: string, reason: string, n: number, peerName: string | null = "b") => ({
  peerId: peerName,
  peerName,
  kind,
  reason,
  at: null,
  n,
});

describe("what needs a hand of the last hour's refusals", () => {
  test("events that came back are a loop, and name who sent them", () => {
    const [loop, ...others] = refusedOf([
      count("refused", "own_id_in_chain", 3),
      count("refused", "own_id_in_chain", 1, "c"),
    ]);
    expect(others).toEqual([]);
    expect(loop).toMatchObject({ id: "loop", to: "/topology", count: 4 });
    expect(loop?.title).toContain("4 events came back");
    expect(loop?.detail).toContain("b, c");
  });

  test("other refusals are one item with their reasons, and what was not refused is none", () => {
    const items = refusedOf([count("refused", "bad_signature", 1, null), count("drop", "hop_limit", 9)]);
    expect(items).toMatchObject([{ id: "refused", to: "/refusals", count: 1 }]);
    expect(items[0]?.title).toBe("A request was refused in the last hour");
    expect(items[0]?.detail).toContain("bad signature");
    expect(refusedOf([])).toEqual([]);
  });
});
