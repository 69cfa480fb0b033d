import type { z } from "zod";
import type {
  EdgeCounts,
  TopologyCycle,
  TopologyEdge,
  TopologyNode,
  TopologyView,
} from "../../../shared/contract/index.ts";
import { EvidenceValue } from "../../../shared/contract/index.ts";
import { explainReason, findCycles, type PeerPolicy, type Topology } from "../../../shared/rules/index.ts";
import { HubError, type Ledger, type Peer } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { readChain } from "../show/chain.ts";

const MINUTE_MS = 60_000;
type Node = z.infer<typeof TopologyNode>;
type Edge = z.infer<typeof TopologyEdge>;
type CountRecord = Awaited<ReturnType<Ledger["counts"]>>[number];

/** What is known of the federation: this hub's own links, and those that the chains of events prove. */
class Sketch {
  readonly nodes = new Map<string, Node>();
  readonly edges = new Map<string, Edge>();

  node(node: Node): void {
    const known = this.nodes.get(node.key);
    if (known === undefined) this.nodes.set(node.key, node);
    else if (node.seenAt !== null && (known.seenAt ?? 0) < node.seenAt)
      this.nodes.set(node.key, { ...known, seenAt: node.seenAt });
  }

  edge(edge: Edge): void {
    const known = this.edges.get(edge.id);
    if (known === undefined) this.edges.set(edge.id, edge);
    else if (edge.seenAt !== null && (known.seenAt ?? 0) < edge.seenAt)
      this.edges.set(edge.id, { ...known, seenAt: edge.seenAt });
  }
}

const pushId = (peer: Peer): string => `push ${peer.id}`;
const inboundId = (peer: Peer): string => `inbound ${peer.id}`;

export function topologyCalls({ inside }: Services) {
  const { ledger, registry, instanceId } = inside;
  const keyOf = (peer: Peer): string => peer.instanceId ?? peer.name;

  async function get(team: string, windowMinutes: number): Promise<TopologyView> {
    const now = inside.now();
    const since = new Date(now - windowMinutes * MINUTE_MS);
    const peers = registry.peersOf(team);
    const [counts, chains, health, dead] = await Promise.all([
      ledger.counts({ team, peerId: null, since, until: new Date(now + MINUTE_MS), stepSeconds: null }),
      ledger.chains(team, since),
      ledger.outgoingHealth(peers.map((peer) => peer.no)),
      ledger.countDead(peers.map((peer) => peer.no)),
    ]);
    const sketch = new Sketch();
    sketch.node({ key: instanceId, kind: "self", name: instanceId, peerId: null, seenAt: null });
    const failing = new Set(health.filter(({ failingSince }) => failingSince !== null).map(({ peer }) => peer));
    for (const peer of peers) {
      const key = keyOf(peer);
      sketch.node({ key, kind: "peer", name: peer.name, peerId: peer.id, seenAt: null });
      const own = counts.filter(({ peerId }) => peerId === peer.id);
      const shared = { peerId: peer.id, known: "own", counts: edgeCounts(own, dead.get(peer.no) ?? 0) } as const;
      sketch.edge({
        ...shared,
        id: pushId(peer),
        from: instanceId,
        to: key,
        kind: "push",
        state: peer.status !== "active" ? peer.status : failing.has(peer.no) ? "failing" : "active",
        scopes: [...peer.scopes],
        maxHops: peer.maxHops,
        seenAt: null,
      });
      // What a peer may send us is its own setting: until something came, nobody here knows of it.
      if (shared.counts.received > 0)
        sketch.edge({
          ...shared,
          id: inboundId(peer),
          from: key,
          to: instanceId,
          kind: "inbound",
          state: peer.status === "revoked" ? "revoked" : "active",
          scopes: null,
          maxHops: null,
          seenAt: null,
        });
    }
    for (const { chain, seenAt } of chains) addChain(sketch, readChain(chain), seenAt.getTime(), peers);
    const [nodes, edges] = [[...sketch.nodes.values()], [...sketch.edges.values()]];
    return { nodes, edges, cycles: cyclesOf(nodes, edges, peers), at: now };
  }

  function addChain(sketch: Sketch, chain: readonly string[], seenAt: number, peers: readonly Peer[]): void {
    chain.forEach((key, index) => {
      const kind = key === instanceId ? "self" : "inferred";
      sketch.node({ key, kind, name: key, peerId: null, seenAt });
      const to = chain[index + 1] ?? instanceId;
      if (to === key) return;
      const peer = peers.find((one) => keyOf(one) === (to === instanceId ? key : to));
      const own =
        peer === undefined ? null : to === instanceId ? inboundId(peer) : key === instanceId ? pushId(peer) : null;
      const known = own === null ? undefined : sketch.edges.get(own);
      if (known !== undefined) sketch.edge({ ...known, seenAt });
      else
        sketch.edge({
          id: `seen ${key} ${to}`,
          from: key,
          to,
          kind: "inferred",
          known: "proven",
          peerId: null,
          state: "unknown",
          scopes: null,
          maxHops: null,
          counts: null,
          seenAt,
        });
    });
  }

  async function path(team: string, seq: number) {
    const event = await ledger.event(team, seq);
    if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
    const peers = registry.peersOf(team);
    const steps: {
      edge: string;
      outcome: "came" | "forwarded" | "dropped";
      reason: string | null;
      evidence: z.infer<typeof EvidenceValue> | null;
      sentence: string;
    }[] = [];
    const chain = readChain(event.copy.chain);
    const via = event.via === null ? undefined : registry.peerByNo(event.via);
    chain.forEach((from, index) => {
      const to = chain[index + 1] ?? instanceId;
      const edge = to === instanceId && via !== undefined ? inboundId(via) : `seen ${from} ${to}`;
      steps.push({ edge, outcome: "came", reason: null, evidence: null, sentence: `It came from ${from} to ${to}.` });
    });
    const query = {
      seqs: [event.replayOf ?? seq],
      peerId: null,
      outcome: null,
      reason: null,
      before: null,
      limit: 1_000,
    };
    for (const { peerId, peerName, drop, forward } of await ledger.decisions({ team, ...query })) {
      const peer = peers.find((one) => one.id === peerId);
      if (peer === undefined) continue;
      if (drop === null)
        steps.push({
          edge: pushId(peer),
          outcome: "forwarded",
          reason: null,
          evidence: null,
          sentence: `It is forwarded to ${peerName}; the outbox entry is ${forward?.state ?? "gone"}.`,
        });
      else {
        const evidence = EvidenceValue.parse(JSON.parse(drop.evidence));
        const reason = drop.reason as Parameters<typeof explainReason>[0];
        steps.push({
          edge: pushId(peer),
          outcome: "dropped",
          reason,
          evidence,
          sentence: explainReason(reason, evidence),
        });
      }
    }
    return steps;
  }

  return {
    get: os.topology.get.handler(({ input, context }) => get(context.team, input.windowMinutes)),
    path: os.topology.path.handler(({ input, context }) => path(context.team, input.seq)),
  };
}

function edgeCounts(counts: readonly CountRecord[], dead: number): z.infer<typeof EdgeCounts> {
  const of = (kind: string, reason?: string): number =>
    counts
      .filter((count) => count.kind === kind && (reason === undefined || count.reason === reason))
      .reduce((sum, { n }) => sum + n, 0);
  const dropped = counts.filter(({ kind }) => kind === "drop").map(({ reason, n }) => ({ reason, count: n }));
  const duplicate = of("delivered", "duplicate");
  return {
    delivered: of("delivered") - duplicate,
    duplicate,
    retrying: of("attempt_failed"),
    dead,
    dropped,
    received: of("accepted") + of("duplicate"),
  };
}

/** Where limits are not known, nothing is assumed to be stopped: a cycle over unknown links is a cycle all the same. */
const UNKNOWN: PeerPolicy = {
  id: "",
  name: "",
  instanceId: null,
  status: "active",
  scopes: ["*"],
  maxHops: 64,
  maxBytes: Number.MAX_SAFE_INTEGER,
  revision: 0,
};

function cyclesOf(
  nodes: readonly Node[],
  edges: readonly Edge[],
  peers: readonly Peer[],
): z.infer<typeof TopologyCycle>[] {
  const policyOf = (edge: Edge): PeerPolicy => peers.find((peer) => peer.id === edge.peerId)?.policy ?? UNKNOWN;
  const topology: Topology = {
    instances: nodes.map(({ key }) => ({ key, instanceId: key })),
    links: edges.map((edge) => ({ id: edge.id, from: edge.from, to: edge.to, policy: policyOf(edge) })),
  };
  return findCycles(topology).cycles.map((cycle) => {
    const next = (index: number): string => cycle[(index + 1) % cycle.length] ?? "";
    const over = cycle.flatMap((key, index) => edges.filter(({ from, to }) => from === key && to === next(index)));
    const way = [...cycle, cycle[0] ?? ""].join(" → ");
    const limit = over.reduce<number | null>(
      (least, { maxHops }) => (maxHops === null ? least : Math.min(least ?? maxHops, maxHops)),
      null,
    );
    const end =
      limit !== null && limit < cycle.length
        ? `the hop limit ${limit} ends an event before it is round`
        : "an event that has gone round is stopped, for it finds an id in its chain that was there already";
    return { nodes: [...cycle], edges: over.map(({ id }) => id), sentence: `${way}: ${end}.` };
  });
}
