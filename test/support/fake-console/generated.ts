import type { z } from "zod";
import type {
  AttemptView,
  DecisionView,
  EntryView,
  EventRow,
  EventView,
  Outcome,
  PeerRef,
} from "../../../src/shared/contract/index.ts";
import { explainReason } from "../../../src/shared/rules/index.ts";

export const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);

export const PEERS: readonly PeerRef[] = [
  { no: 1, id: "p1", name: "staging" },
  { no: 2, id: "p2", name: "prod-eu" },
  { no: 3, id: "p3", name: "laptop-ana" },
];

const KINDS = [
  ["com.stripe.invoice.paid", "https://api.stripe.com", "Invoice in_1042 paid, 42.00 EUR"],
  ["com.github.push", "https://github.com/acme/shop", "3 commits to main by ana"],
  ["com.stripe.charge.refunded", "https://api.stripe.com", "Charge ch_77 refunded"],
  ["com.shopify.orders.create", "https://acme.myshopify.com", "Order 1187, 3 items"],
  ["com.linear.issue.update", "https://linear.app/acme", "ACM-214 moved to In review"],
] as const;

/** Every row follows from its seq alone. */
export function rowOf(seq: number): EventRow {
  const [type, source, summary] = KINDS[seq % KINDS.length] ?? KINDS[0];
  const hops = seq % 7 === 0 ? 2 : seq % 3 === 0 ? 1 : 0;
  const chain = ["kite-prod-eu", "kite-staging"].slice(0, hops);
  return {
    seq,
    at: NOW - (20_000 - seq) * 137,
    id: `evt_${String(seq).padStart(6, "0")}`,
    source,
    type,
    summary,
    hook: hops === 0 ? "shop" : null,
    via: hops === 0 ? null : 1,
    origin: chain[0] ?? null,
    chain,
    hops,
    verified: hops === 0,
    integrity: seq % 35 === 0 ? ["hops_mismatch"] : [],
    agentTo: null,
    replayOf: null,
    dataBytes: 320 + (seq % 50) * 11,
    outcomes: outcomesOf(seq, hops),
  };
}

function outcomesOf(seq: number, hops: number): Outcome[] {
  return [
    { peer: 1, state: hops > 0 ? "dropped" : "delivered", reason: hops > 0 ? "loop" : null },
    {
      peer: 2,
      state: seq % 5 === 0 ? "pending" : seq % 11 === 0 ? "dead" : "delivered",
      reason: seq % 11 === 0 ? "schedule_ended" : null,
    },
    { peer: 3, state: hops === 2 ? "dropped" : "delivered", reason: hops === 2 ? "hop_limit" : null },
  ];
}

const entryId = (seq: number, peer: number): string => `${seq}-${peer}-1`;

export function eventOf(seq: number): z.infer<typeof EventView> {
  const row = rowOf(seq);
  const data = {
    id: row.id,
    object: "invoice",
    amount_due: 4_200,
    customer: { email: "ana@example.com", address: { city: "Lisbon", lines: ["Rua 1", "4 D"] } },
    paid: true,
    lines: Array.from({ length: 6 }, (_, at) => ({ sku: `sku-${at}`, quantity: at + 1 })),
  };
  const event = {
    specversion: "1.0",
    id: row.id,
    source: row.source,
    type: row.type,
    time: new Date(row.at - 900).toISOString(),
    kiteseq: seq,
    data,
  };
  const entries = row.outcomes.filter(({ state }) => state !== "dropped").map((outcome) => entryOf(row, outcome));
  return {
    ...row,
    viaPeer: PEERS.find(({ no }) => no === row.via) ?? null,
    event: JSON.stringify(event).replace('"amount_due":4200', '"amount_due":4200.00'),
    headers: { "content-type": "application/json", "x-github-event": "push" },
    arrivals:
      seq % 4 === 0
        ? [
            {
              at: row.at + 700,
              kind: "conflict",
              via: PEERS[0] ?? null,
              data: JSON.stringify({ ...data, paid: false, extra: 1 }),
              origin: null,
              chain: ["kite-staging"],
              hops: 1,
            },
          ]
        : [],
    decisions: row.outcomes.map((outcome) => decisionOf(row, outcome)),
    entries,
    attempts: entries.flatMap(attemptsOf),
    dataCut: false,
  };
}

const peerOf = (no: number): PeerRef =>
  PEERS.find((peer) => peer.no === no) ?? { no, id: `p${no}`, name: `peer ${no}` };

function decisionOf(row: EventRow, { peer, state, reason }: Outcome): DecisionView {
  const shared = { peer: peerOf(peer), at: row.at + 6, revision: 4 };
  if (state !== "dropped")
    return {
      ...shared,
      outcome: "forward",
      reason: null,
      evidence: null,
      sentence: "The event is forwarded.",
      entryId: entryId(row.seq, peer),
    };
  const why = reason === "loop" ? "loop" : "hop_limit";
  const evidence =
    why === "loop"
      ? { instance: "kite-staging", known_by: "instance_id", chain: [...row.chain, "kite-local"] }
      : { hops: row.hops + 1, limit: 2 };
  return { ...shared, outcome: "drop", reason: why, evidence, sentence: explainReason(why, evidence), entryId: null };
}

function entryOf(row: EventRow, { peer, state, reason }: Outcome): EntryView {
  const finished = state === "delivered" ? row.at + 95 : state === "dead" ? row.at + 3_600_000 : null;
  return {
    id: entryId(row.seq, peer),
    seq: row.seq,
    gen: 1,
    peer: peerOf(peer),
    event: { id: row.id, source: row.source, type: row.type },
    state: state === "dropped" ? "cancelled" : state,
    hops: row.hops + 1,
    tries: state === "delivered" ? 1 : 3,
    replay: false,
    createdAt: row.at + 8,
    nextTryAt: state === "pending" ? NOW + 90_000 : null,
    waitReason: state === "pending" ? "retry" : null,
    finishedAt: finished,
    result: finished === null ? null : state,
    cause: reason,
    lastError: state === "delivered" ? null : "connect ECONNREFUSED 10.0.0.7:443",
  };
}

function attemptsOf(entry: EntryView): AttemptView[] {
  const waits = entry.state === "delivered" ? [12] : [12, 5_000, 65_000];
  return waits.map((wait, at) => {
    const good = entry.state === "delivered";
    return {
      id: `${entry.id}-a${at}`,
      peer: entry.peer,
      at: entry.createdAt + wait,
      duration: good ? 70 : 210,
      outcome: good ? "delivered" : "network",
      status: good ? 202 : null,
      error: good ? null : "connect ECONNREFUSED 10.0.0.7:443",
      batch: false,
      entries: 1,
      firstSeq: entry.seq,
      lastSeq: entry.seq,
      url: `https://${entry.peer.name}.example.com/hook/kite`,
      requestHeaders: { "content-type": "application/cloudevents+json", authorization: "Bearer kite_…" },
      requestBytes: 820,
      responseHeaders: good ? { "content-type": "application/json" } : null,
      responseBody: good ? '{"status":"accepted"}' : null,
    };
  });
}
