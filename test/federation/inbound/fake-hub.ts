import { createHmac } from "node:crypto";
import {
  Inbound,
  type InboundAnswer,
  type InboundOptions,
  type Refusal,
} from "../../../src/main/hub/federation/inbound/index.ts";
import type { Acceptor, AcceptResult, Candidate, Peer } from "../../../src/main/hub/model.ts";
import type { RegistryView } from "../../../src/main/hub/registry/registry.ts";
import { makePeer, TOKEN } from "../../support/peers.ts";

export { TOKEN };

export const TEAM = "team-1";
export const NOW = Date.parse("2026-04-14T10:00:00Z");

/** A peer that we know, and that may call with {@link TOKEN}. */
export function fakePeer({ no = 1, ...settings }: Partial<Omit<Peer, "policy">> = {}): Peer {
  return makePeer(no, "http://127.0.0.1:1/hooks/team-1/kite", {
    team: TEAM,
    name: "a",
    outboundToken: "out",
    inboundToken: TOKEN,
    instanceId: "instance-a",
    instanceIdFrom: "pairing",
    batches: true,
    allowPrivate: true,
    createdAt: new Date(NOW),
    updatedAt: new Date(NOW),
    ...settings,
  });
}

/** A registry of these peers that never changes. */
export function fakeRegistry(peers: readonly Peer[], instanceId = "me"): RegistryView {
  return {
    snapshot: { rev: 1, peers, hooks: [], keys: [] },
    instanceId,
    peersOf: (team) => peers.filter((peer) => peer.team === team),
    peerByNo: (no) => peers.find((peer) => peer.no === no),
    peerById: (id) => peers.find((peer) => peer.id === id),
    inboundTokens: ({ inboundToken, previousInbound: previous }) =>
      previous !== null && previous.until.getTime() > NOW ? [inboundToken, previous.token] : [inboundToken],
    peerByInboundToken: (team, token) => peers.find((peer) => peer.team === team && peer.inboundToken === token),
    hasTeam: (team) => team === TEAM,
    hook: () => undefined,
    keyByToken: () => undefined,
    refresh: async () => undefined,
    onChange: () => () => undefined,
  };
}

/** A log in memory: deduplicates by identity, tells conflicts by the data. */
export class FakeAcceptor implements Acceptor {
  readonly accepted: Candidate[] = [];
  /** Thrown instead of an answer, for as long as it is set. */
  failure: ((candidate: Candidate) => Error | null) | null = null;
  calls = 0;

  async accept(candidate: Candidate): Promise<AcceptResult> {
    this.calls++;
    const failure = this.failure?.(candidate);
    if (failure) throw failure;
    const held = this.accepted.findIndex((other) => other.identity !== null && other.identity === candidate.identity);
    const found = this.accepted[held];
    if (found !== undefined)
      return { status: "duplicate", seq: held + 1, id: found.id, conflict: found.data !== candidate.data };
    this.accepted.push(candidate);
    return { status: "accepted", seq: this.accepted.length, id: candidate.id, receivedAt: NOW };
  }

  acceptMany(candidates: readonly Candidate[]): Promise<AcceptResult[]> {
    return Promise.all(candidates.map((candidate) => this.accept(candidate)));
  }
}

export interface FakeHub {
  readonly inbound: Inbound;
  readonly acceptor: FakeAcceptor;
  readonly refusals: Refusal[];
  readonly learned: [number, string][];
  readonly replayed: number[];
}

export function fakeHub(peers: readonly Peer[] = [fakePeer()], options: Partial<InboundOptions> = {}): FakeHub {
  const acceptor = new FakeAcceptor();
  const refusals: Refusal[] = [];
  const learned: [number, string][] = [];
  const replayed: number[] = [];
  const inbound = new Inbound({
    registry: fakeRegistry(peers),
    acceptor,
    refusals: { record: (refusal) => refusals.push(refusal) },
    replayer: {
      replayToListeners: async (seqs) => {
        replayed.push(...seqs);
        return seqs.map((seq) => seq + 1_000);
      },
    },
    onLearn: async (peer, id) => {
      learned.push([peer, id]);
    },
    ...options,
  });
  return { inbound, acceptor, refusals, learned, replayed };
}

export function sign(body: Buffer | string, token = TOKEN): string {
  return `sha256=${createHmac("sha256", token).update(body).digest("hex")}`;
}

/** A structured event as a peer sends it after the first hop. */
export function wireEvent(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: "evt-1",
    source: "https://a.example.com",
    type: "com.example.thing",
    kitefedorigin: "instance-a",
    kitefedchain: '["instance-a"]',
    kitefedhops: 1,
    data: { n: 1 },
    ...change,
  };
}

/** Sends a body with the right token and signature, unless the headers say otherwise. */
export function push(
  hub: FakeHub,
  body: string | Buffer | object,
  headers: Record<string, string | undefined> = {},
  team = TEAM,
): Promise<InboundAnswer> {
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return hub.inbound.handle({
    team,
    rawBody,
    path: `/hooks/${team}/kite`,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "x-kite-signature": sign(rawBody),
      "content-type": Array.isArray(body) ? "application/cloudevents-batch+json" : "application/cloudevents+json",
      ...headers,
    },
  });
}
