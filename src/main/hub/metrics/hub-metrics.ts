import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/**
 * What the hub counts for Prometheus. Labels take few values: entrances, outcomes, reasons of closed lists, and peers,
 * of which a hub has some dozens at most. Never an event's id, type or source.
 */
export interface HubMetrics {
  readonly registry: Registry;
  /** Events stored, by the way they came in: `hook`, `peer`, `agent`, `internal` … */
  readonly accepted: Counter<"entrance">;
  readonly duplicates: Counter<"entrance">;
  /** Requests or events turned away, by reason. */
  readonly refused: Counter<"entrance" | "reason">;
  /** Events of one commit. */
  readonly batchSize: Histogram;
  /** Seconds from the begin of a commit's statement to its end. */
  readonly commitSeconds: Histogram;
  /** Decisions not to forward. */
  readonly drops: Counter<"reason">;
  /** Requests to peers. */
  readonly attempts: Counter<"peer" | "outcome">;
  /** Entries that were finished, by what they came to. */
  readonly finished: Counter<"peer" | "state">;
  /** Seconds from accepting an event to its delivery. */
  readonly deliverySeconds: Histogram<"peer">;
}

const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const DELIVERY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3_600, 86_400, 259_200];

/** Makes the metrics of one hub, in a registry of their own: several hubs may live in one process. */
export function createHubMetrics(): HubMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    accepted: new Counter({
      name: "kite_events_accepted_total",
      help: "Events stored, by entrance",
      labelNames: ["entrance"],
      registers,
    }),
    duplicates: new Counter({
      name: "kite_events_duplicate_total",
      help: "Events that were in the log already, by entrance",
      labelNames: ["entrance"],
      registers,
    }),
    refused: new Counter({
      name: "kite_events_refused_total",
      help: "Requests or events that were turned away, by entrance and reason",
      labelNames: ["entrance", "reason"],
      registers,
    }),
    batchSize: new Histogram({
      name: "kite_accept_batch_events",
      help: "Events of one commit",
      buckets: BATCH_SIZES,
      registers,
    }),
    commitSeconds: new Histogram({
      name: "kite_accept_commit_seconds",
      help: "Duration of a commit of events",
      buckets: COMMIT_SECONDS,
      registers,
    }),
    drops: new Counter({
      name: "kite_decisions_dropped_total",
      help: "Decisions not to forward an event to a peer, by reason",
      labelNames: ["reason"],
      registers,
    }),
    attempts: new Counter({
      name: "kite_delivery_attempts_total",
      help: "Requests to peers, by peer and outcome",
      labelNames: ["peer", "outcome"],
      registers,
    }),
    finished: new Counter({
      name: "kite_outbox_finished_total",
      help: "Outbox entries that were finished, by peer and state",
      labelNames: ["peer", "state"],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: "kite_delivery_seconds",
      help: "Time from accepting an event to its delivery to a peer",
      labelNames: ["peer"],
      buckets: DELIVERY_SECONDS,
      registers,
    }),
  };
}

/** What is looked at only when somebody asks for the metrics. */
export interface MetricSources {
  /** What is owed, from the database; asked at most once in {@link DEPTHS_TTL_MS}. */
  readonly outboxDepths: () => Promise<readonly { peer: string; state: string; count: number }[]>;
  readonly lanes: () => readonly { peer: string; queued: number; inFlight: number; breaker: string }[];
  readonly stream: () => { readonly sessions: number; readonly lagEvents: number };
  /** The newest seq that this process has published. */
  readonly logSeq: () => number;
  readonly pool: () => { readonly total: number; readonly idle: number; readonly waiting: number };
  readonly now: () => number;
}

/** Counting a backlog of millions takes a while; a scrape every few seconds must not make it a load. */
export const DEPTHS_TTL_MS = 10_000;

const BREAKER_LEVELS: Readonly<Record<string, number>> = { closed: 0, half_open: 1, open: 2 };

/** Adds the gauges that are read at each scrape. Call once for each hub. */
export function observe(metrics: HubMetrics, sources: MetricSources): void {
  const registers = [metrics.registry];
  const gauge = (name: string, help: string, collect: (gauge: Gauge) => void): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        collect(this);
      },
    });
  };
  observeDepths(registers, sources);
  observeLanes(registers, sources);
  gauge("kite_log_seq", "The newest seq of the log", (g) => g.set(sources.logSeq()));
  gauge("kite_stream_sessions", "Connected listeners", (g) => g.set(sources.stream().sessions));
  gauge("kite_stream_lag_events", "Events that the slowest connected listener is behind", (g) =>
    g.set(sources.stream().lagEvents),
  );
  new Gauge({
    name: "kite_pg_pool_connections",
    help: "Connections of the pool to PostgreSQL, and callers that wait for one",
    labelNames: ["state"],
    registers,
    collect() {
      const { total, idle, waiting } = sources.pool();
      this.set({ state: "busy" }, total - idle);
      this.set({ state: "idle" }, idle);
      this.set({ state: "waiting" }, waiting);
    },
  });
}

function observeDepths(registers: Registry[], sources: MetricSources): void {
  let known: readonly { peer: string; state: string; count: number }[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: "kite_outbox_entries",
    help: "Outbox entries that are owed, by peer and state",
    labelNames: ["peer", "state"],
    registers,
    async collect() {
      if (sources.now() - readAt >= DEPTHS_TTL_MS) {
        // Without a database there is no number: none is better than an old one.
        known = await sources.outboxDepths().catch(() => []);
        readAt = sources.now();
      }
      this.reset();
      for (const { peer, state, count } of known) this.inc({ peer, state }, count);
    },
  });
}

function observeLanes(registers: Registry[], { lanes }: MetricSources): void {
  new Gauge({
    name: "kite_lane_entries",
    help: "Entries that lanes hold in memory, waiting or on the wire",
    labelNames: ["peer", "place"],
    registers,
    collect() {
      this.reset();
      for (const { peer, queued, inFlight } of lanes()) {
        this.inc({ peer, place: "queued" }, queued);
        this.inc({ peer, place: "in_flight" }, inFlight);
      }
    },
  });
  new Gauge({
    name: "kite_lane_breaker",
    help: "The breaker of each lane: 0 closed, 1 half open, 2 open",
    labelNames: ["peer"],
    registers,
    collect() {
      this.reset();
      for (const { peer, breaker } of lanes()) this.set({ peer }, BREAKER_LEVELS[breaker] ?? 0);
    },
  });
}
