import type { EdgeCounts, TopologyEdge, TopologyStep, TopologyView } from "../../../shared/contract/index.ts";
import { EvidenceValue } from "../../../shared/contract/index.ts";
import type { Knowledge, MapLink, TopologyMap } from "../../../shared/debugger/index.ts";
import type { LinkDirection, LinkState } from "../../../shared/links/index.ts";
import { explainReason } from "../../../shared/rules/index.ts";
import { HubError, type Ledger, type LinkReport, type Peer, readChain } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

const MINUTE_MS = 60_000;
const NO_COUNTS: EdgeCounts = { delivered: 0, duplicate: 0, retrying: 0, dead: 0, dropped: [], received: 0 };
type CountRecord = Awaited<ReturnType<Ledger["counts"]>>[number];

/** What this hub has counted for its peers, and which directions of their links fail. */
interface Traffic {
  readonly countsOf: (peer: Peer) => EdgeCounts;
  readonly fails: (peer: Peer, direction: LinkDirection) => boolean;
  /** How a direction stands; undefined where the peer's link has none such. */
  readonly stateOf: (peer: Peer, direction: LinkDirection) => Exclude<LinkState, "expired"> | undefined;
}

const inboundId = (peer: Peer): string => `inbound ${peer.id}`;

/** The debugger's map, with what went over its edges. */
export function topologyCalls({ inside }: Services) {
  const { ledger, registry, instanceId, federationDebugger } = inside;

  async function get(team: string, windowMinutes: number): Promise<TopologyView> {
    const now = inside.now();
    const since = new Date(now - windowMinutes * MINUTE_MS);
    const peers = registry.peersOf(team);
    const numbers = peers.map((peer) => peer.no);
    const [{ map, problems }, counts, reports, dead] = await Promise.all([
      federationDebugger.map(team),
      ledger.counts({ team, peerId: null, since, until: new Date(now + MINUTE_MS), stepSeconds: null }),
      inside.links.reports.list(team),
      ledger.countDead(numbers),
    ]);
    const traffic: Traffic = {
      ...standingsIn(reports),
      countsOf: (peer) =>
        edgeCounts(
          counts.filter(({ peerId }) => peerId === peer.id),
          dead.get(peer.no) ?? 0,
        ),
    };
    const edges = edgesOf(map, peers, traffic);
    const peerIdOf = new Map(map.links.filter(({ from }) => from === map.self).map(({ id, to }) => [to, id]));
    const nodes = map.instances.map(({ key, kind, name, instanceId: id, url, beyond, known }) => {
      const peerId = key === map.self ? null : (peerIdOf.get(key) ?? null);
      return { key, kind, name, instanceId: id, url, beyond, known, peerId, seenAt: seenAt(known) };
    });
    return { nodes, edges, problems: [...problems], at: now };
  }

  async function path(team: string, seq: number): Promise<TopologyStep[]> {
    const event = await ledger.event(team, seq);
    if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
    const { map } = await federationDebugger.map(team);
    const keyOf = (id: string): string => map.instances.find((instance) => instance.instanceId === id)?.key ?? id;
    const chain = readChain(event.copy.chain);
    const steps = chain.map((from, index): TopologyStep => {
      const to = chain[index + 1] ?? instanceId;
      const link = map.links.find((one) => one.from === keyOf(from) && one.to === keyOf(to));
      const sentence = `It came from ${from} to ${to}, as hop ${index + 1}.`;
      return { edge: link?.id ?? `${from}>${to}`, outcome: "came", reason: null, evidence: null, sentence };
    });
    const query = { team, seqs: [event.replayOf ?? seq], peerId: null, outcome: null, reason: null, before: null };
    for (const { peerId, peerName, drop, forward } of await ledger.decisions({ ...query, limit: 1_000 })) {
      const edge = peerId;
      if (drop === null) {
        const sentence = `It is forwarded to ${peerName}; the outbox entry is ${forward?.state ?? "gone"}.`;
        steps.push({ edge, outcome: "forwarded", reason: null, evidence: null, sentence });
        continue;
      }
      const evidence = EvidenceValue.parse(JSON.parse(drop.evidence));
      const reason = drop.reason as Parameters<typeof explainReason>[0];
      steps.push({ edge, outcome: "dropped", reason, evidence, sentence: explainReason(reason, evidence) });
    }
    return steps;
  }

  return {
    get: os.topology.get.handler(({ input, context }) => get(context.team, input.windowMinutes)),
    path: os.topology.path.handler(({ input, context }) => path(context.team, input.seq)),
  };
}

function edgesOf(map: TopologyMap, peers: readonly Peer[], traffic: Traffic): TopologyEdge[] {
  const keyOf = new Map(map.links.filter(({ from }) => from === map.self).map(({ id, to }) => [id, to]));
  const senders = new Map(peers.map((peer) => [keyOf.get(peer.id), peer]));
  const edges = map.links.map((link) => edgeOf(map, link, peers, senders, traffic));
  const unknown = { known: "own", scopes: null, maxHops: null, maxBytes: null, seenAt: null } as const;
  for (const peer of peers) {
    const [from, to, peerId] = [keyOf.get(peer.id), map.self, peer.id];
    if (from === undefined || to === null) continue;
    const carried = (source: string, target: string): boolean =>
      edges.some((edge) => edge.from === source && edge.to === target && edge.scopes?.length !== 0);
    // What came without a chain to prove the link came all the same.
    const { received } = traffic.countsOf(peer);
    if (received > 0 && !edges.some((edge) => edge.from === from && edge.to === to)) {
      const counts = { ...NO_COUNTS, received };
      edges.push({
        ...unknown,
        knowledge: [],
        id: inboundId(peer),
        from,
        to,
        kind: "inbound",
        peerId,
        state: "active",
        counts,
      });
    }
    // A peer that is sent nothing may fetch its events itself.
    const state = traffic.stateOf(peer, "read");
    if (state !== undefined && !carried(to, from))
      edges.push({
        ...unknown,
        knowledge: [],
        id: `read ${peerId}`,
        from: to,
        to: from,
        kind: "read",
        peerId,
        state,
        counts: null,
      });
  }
  return edges;
}

function edgeOf(
  map: TopologyMap,
  { id, from, to, policy, known }: MapLink,
  peers: readonly Peer[],
  senders: ReadonlyMap<string | undefined, Peer>,
  { countsOf, fails }: Traffic,
): TopologyEdge {
  const receiver = from === map.self ? peers.find((peer) => peer.id === id) : undefined;
  const sender = to === map.self ? senders.get(from) : undefined;
  const own = known.some(({ by }) => by === "own");
  const counts =
    receiver !== undefined
      ? { ...countsOf(receiver), received: 0 }
      : sender !== undefined
        ? { ...NO_COUNTS, received: countsOf(sender).received }
        : null;
  const failing =
    receiver !== undefined ? fails(receiver, "push_out") : sender !== undefined && own && fails(sender, "pull");
  return {
    id,
    from,
    to,
    kind: receiver !== undefined ? "push" : sender === undefined ? "inferred" : own ? "pull" : "inbound",
    known: own ? "own" : known.some(({ by }) => by === "told") ? "told" : "proven",
    knowledge: known,
    peerId: (receiver ?? sender)?.id ?? null,
    state: policy === null ? "unknown" : policy.status === "active" && failing ? "failing" : policy.status,
    scopes: policy === null ? null : policy.receiveOnly ? [] : policy.scopes,
    maxHops: policy?.maxHops ?? null,
    maxBytes: policy?.maxBytes ?? null,
    counts,
    seenAt: seenAt(known),
  };
}

function standingsIn(reports: readonly LinkReport[]): Pick<Traffic, "fails" | "stateOf"> {
  const stateOf: Traffic["stateOf"] = ({ no }, direction) => {
    const link = reports.find(({ peer }) => peer.no === no)?.directions.find((each) => each.direction === direction);
    // A link whose credential is not taken any more fails too, as far as the map goes.
    return link?.state === "expired" ? "failing" : link?.state;
  };
  return { stateOf, fails: (peer, direction) => stateOf(peer, direction) === "failing" };
}

function seenAt(known: readonly Knowledge[]): number | null {
  return known.find(({ by }) => by === "seen")?.at ?? null;
}

function edgeCounts(counts: readonly CountRecord[], dead: number): EdgeCounts {
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
