import { expect, it } from "vitest";
import { keyRefusal } from "../../src/main/hub/stream/key-access.ts";
import { decide, LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { makePeer } from "../support/peers.ts";
import { makeKey } from "./fixture.ts";

type Over = Parameters<typeof makePeer>[2];
const refusal = (over: Over | null) => {
  const key = makeKey({ permissions: ["stream"], peer: 1, fromSeq: 0 });
  return keyRefusal(key, "t", { peerByNo: () => (over === null ? undefined : makePeer(1, "https://b", over)) }, 0);
};

it.each<[string, Over]>([
  ["revoked", { status: "revoked" }],
  ["set to receive only", { receiveOnly: true }],
  ["both", { status: "revoked", receiveOnly: true }],
  ["neither", {}],
])("lets a peer that is %s read exactly when something may be sent to it", (_, over) => {
  const event = { type: "com.shop.order", provenance: LOCAL_PROVENANCE, dataBytes: 2 };
  const { policy } = makePeer(1, "https://b", over);
  expect(refusal(over) === null).toBe(decide(event, { instanceId: "a" }, policy).outcome === "forward");
});

it.each<[string, Over | null, number, string]>([
  ["revoked", { status: "revoked" }, 4001, 'handed to "peer-1". The peer is revoked'],
  ["receive only", { receiveOnly: true }, 4001, "is set to receive only"],
  ["another instance", { strangerId: "x" }, 4001, "It is another instance now"],
  ["removed", null, 4001, "was removed here; pair anew"],
  ["paused", { status: "paused" }, 1013, "while it is paused here"],
])("says to the peer why not, when it is %s", (_, over, code, message) => {
  expect(refusal(over)).toEqual({ code, message: expect.stringContaining(message) });
});
