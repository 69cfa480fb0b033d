import type { Peer } from "../../src/main/hub/model.ts";

export const TOKEN = "fed_test_token";

/** A peer's settings, active and in every scope. */
export function makePeer(no: number, hookUrl: string, over: Partial<Peer> = {}): Peer {
  const peer: Omit<Peer, "policy"> = {
    no,
    id: `00000000-0000-7000-8000-00000000000${no}`,
    team: "t",
    name: `peer-${no}`,
    status: "active",
    statusReason: null,
    hookUrl,
    outboundToken: TOKEN,
    inboundToken: "inbound",
    scopes: ["*"],
    maxHops: 3,
    maxBytes: 262_144,
    instanceId: null,
    instanceIdFrom: null,
    batches: false,
    ordered: false,
    allowPrivate: false,
    retry: {},
    environment: "other",
    label: null,
    colour: null,
    receiveOnly: false,
    newestFirst: false,
    masks: [],
    previousInbound: null,
    strangerId: null,
    revision: 1,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...over,
  };
  const { id, name, instanceId, status, scopes, maxHops, maxBytes, receiveOnly, revision } = peer;
  return { ...peer, policy: { id, name, instanceId, status, scopes, maxHops, maxBytes, receiveOnly, revision } };
}
