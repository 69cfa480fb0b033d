import { expect, it } from "vitest";
import { shownTo } from "../../src/main/hub/stream/sight.ts";
import { makeEvent } from "../support/events.ts";
import { makePeer } from "../support/peers.ts";

const events = [
  makeEvent(1),
  makeEvent(2, { type: "kite.federation.delivery_failed" }),
  makeEvent(3, { data: `{"text":"${"x".repeat(100)}"}` }),
  makeEvent(4, { data: `{"card":"4242","n":4}`, headers: `[["x-signature","s"]]` }),
  makeEvent(5, { copy: { origin: "b", chain: `["b","peer-1"]`, hops: 9 } }),
];
const of = (...seqs: number[]) => seqs.map((seq) => events[seq - 1]);
const registry = (over: Parameters<typeof makePeer>[2]) => ({
  instanceId: "a",
  peerByNo: (no: number) => (no === 1 ? makePeer(1, "https://b", over) : undefined),
});
const see = (peer: number | null, over: Parameters<typeof makePeer>[2] = {}) =>
  shownTo({ peer }, registry(over), events);

it("is everything, and the very same list, for a key that is no peer's", () => {
  expect(see(null, { maxBytes: 1 })).toBe(events);
});

it("is for a peer what may be sent to it, whatever way it came: the reader judges that", () => {
  expect(see(1)).toEqual(of(1, 3, 4, 5));
  expect(see(1, { maxBytes: 50 })).toEqual(of(1, 4, 5));
  // Nothing is pushed to a peer that only reads; its key says what it may read.
  expect(see(1, { scopes: [] })).toEqual(of(1, 3, 4, 5));
});

it("is masked as what is sent is, and other events are not made anew", () => {
  const shown = see(1, { masks: [{ types: "*", path: "card" }] });
  expect(shown[2]).toEqual({ ...events[3], data: `{"card":"[masked]","n":4}`, summary: null, headers: null });
  expect(shown[0]).toBe(events[0]);
});

it("is nothing for a peer that is gone or revoked", () => {
  expect(see(2)).toEqual([]);
  expect(see(1, { status: "revoked" })).toEqual([]);
});
