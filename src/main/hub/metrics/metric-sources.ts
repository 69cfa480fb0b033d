import type { OutboundFederation } from "../federation/outbound/index.ts";
import type { Tail } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { depths } from "../store/outbox-depth.ts";
import type { StreamServer } from "../stream/index.ts";
import type { MetricSources } from "./hub-metrics.ts";

/** Where the gauges look when somebody asks for the metrics. */
export function metricSources(parts: {
  readonly db: Database;
  readonly outbound: OutboundFederation;
  readonly registry: RegistryView;
  readonly stream: StreamServer;
  readonly tail: Tail;
  readonly now: () => number;
}): MetricSources {
  const { db, outbound, registry, stream, tail, now } = parts;
  const nameOf = (no: number): string => registry.peerByNo(no)?.name ?? String(no);
  return {
    outboxDepths: async () => {
      const peers = registry.snapshot.peers.map((peer) => peer.no);
      return (await depths(db, peers)).map(({ peer, owed }) => ({ peer: nameOf(peer), state: "owed", count: owed }));
    },
    lanes: () =>
      outbound
        .snapshot()
        .map(({ peer, queued, inFlight, breaker }) => ({ peer: nameOf(peer), queued, inFlight, breaker })),
    stream: () => {
      const sessions = stream.sessions();
      const positions = sessions.map((session) => session.position);
      return { sessions: sessions.length, lagEvents: positions.length === 0 ? 0 : tail.seq - Math.min(...positions) };
    },
    logSeq: () => tail.seq,
    pool: () => ({ total: db.pool.totalCount, idle: db.pool.idleCount, waiting: db.pool.waitingCount }),
    now,
  };
}
