import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { observe } from "../../src/main/hub/metrics/index.ts";
import { type ApiUnderTest, createApiUnderTest, NOW, TEAM } from "./api-under-test.ts";

let api: ApiUnderTest;
let peer: { no: number; id: string };

beforeAll(async () => {
  api = await createApiUnderTest();
  peer = await api.admin.createPeer(TEAM, {
    name: "b",
    hookUrl: "https://b.example.com/hooks/t/kite",
    outboundToken: "o",
    inboundToken: "i",
  });
});
afterAll(() => api.close());
beforeEach(() => {
  api.health.phase = "running";
  api.health.ping = async () => undefined;
});

const open = (path: string) => api.call("GET", path, { key: null });

describe("/health", () => {
  it("says who this is and that batches are taken, without a key", async () => {
    const { status, body } = await open("/health");
    expect(status).toBe(200);
    expect(body).toEqual({
      status: "ok",
      live: true,
      ready: true,
      version: "1.2.3",
      instance_id: "instance-test",
      federation: { batch: true, instance_id: "instance-test" },
    });
  });

  it.each([
    ["starting", "starting", /starting/],
    ["migrating", "starting", /migrated/],
    ["stopping", "stopping", /stopping/],
  ] as const)("is live but not ready while %s", async (phase, status, reason) => {
    api.health.phase = phase;
    expect(await open("/health")).toMatchObject({ status: 200, body: { status, ready: false, live: true } });
    expect((await open("/health/live")).status).toBe(200);
    const ready = await open("/health/ready");
    expect(ready.status).toBe(503);
    expect(ready.body["ready"]).toBe(false);
    expect(String(ready.body["reasons"])).toMatch(reason);
  });

  it("is not ready without a database, and is again when it is back", async () => {
    api.health.ping = () => Promise.reject(new Error("connection refused"));
    expect(await open("/health/ready")).toMatchObject({
      status: 503,
      body: { ready: false, reasons: ["The database does not answer."] },
    });
    expect(await open("/health")).toMatchObject({ status: 200, body: { status: "degraded" } });
    api.health.ping = async () => undefined;
    expect(await open("/health/ready")).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
  });

  it("asks the database once for all who ask at the same time", async () => {
    let asked = 0;
    let answer = (): void => undefined;
    api.health.ping = () => {
      asked++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const asking = [1, 2, 3, 4].map(() => open("/health/ready"));
    await expect.poll(() => asked, { timeout: 20_000 }).toBe(1);
    // All four requests are in before the database answers: injected requests are handled in the order they came.
    await open("/health/live");
    answer();
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(asked).toBe(1);
  });
});

describe("/metrics", () => {
  it("shows what is counted and what is looked at, in Prometheus' format", async () => {
    const { metrics } = api.deps;
    metrics.accepted.inc({ entrance: "hook" }, 3);
    metrics.commitSeconds.observe(0.004);
    metrics.attempts.inc({ peer: "b", outcome: "delivered" });
    let now = NOW;
    let owed = 2;
    observe(metrics, {
      outboxDepths: async () => {
        if (owed === 0) throw new Error("no database");
        return [{ peer: "b", state: "owed", count: owed }];
      },
      lanes: () => [{ peer: "b", queued: 5, inFlight: 2, breaker: "open" }],
      stream: () => ({ sessions: 4, lagEvents: 17 }),
      logSeq: () => 99,
      pool: () => ({ total: 4, idle: 1, waiting: 0 }),
      now: () => now,
    });

    const { status, headers, text } = await open("/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    for (const line of [
      'kite_events_accepted_total{entrance="hook"} 3',
      'kite_accept_commit_seconds_bucket{le="0.005"} 1',
      'kite_delivery_attempts_total{peer="b",outcome="delivered"} 1',
      'kite_outbox_entries{peer="b",state="owed"} 2',
      'kite_lane_entries{peer="b",place="queued"} 5',
      'kite_lane_entries{peer="b",place="in_flight"} 2',
      'kite_lane_breaker{peer="b"} 2',
      "kite_stream_sessions 4",
      "kite_stream_lag_events 17",
      "kite_log_seq 99",
      'kite_pg_pool_connections{state="busy"} 3',
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).toMatch(/^process_cpu_seconds_total /m);

    // The backlog is counted now and then, not at every scrape; and without a database there is no number.
    const depth = async (): Promise<string | undefined> =>
      /^kite_outbox_entries.*$/m.exec((await open("/metrics")).text)?.[0];
    owed = 3;
    expect(await depth()).toBe('kite_outbox_entries{peer="b",state="owed"} 2');
    now += 10_000;
    expect(await depth()).toBe('kite_outbox_entries{peer="b",state="owed"} 3');
    owed = 0;
    now += 10_000;
    expect(await depth()).toBeUndefined();
  });
});

describe("GET /lanes", () => {
  it("shows the lanes of the team's peers", async () => {
    api.lanes.push(
      { peer: peer.no, queued: 3, inFlight: 1, breaker: "open", waitingUntil: NOW + 5_000, waitReason: "breaker_open" },
      { peer: 999, queued: 0, inFlight: 0, breaker: "closed", waitingUntil: null, waitReason: null },
    );
    const { body } = await api.call("GET", "/api/federation/lanes", { key: api.keys.read });
    expect(body["items"]).toEqual([
      {
        peer_id: peer.id,
        peer_name: "b",
        status: "active",
        queued: 3,
        in_flight: 1,
        breaker: "open",
        waiting_until: "2026-04-14T12:00:05.000Z",
        wait_reason: "breaker_open",
      },
    ]);
    expect((await api.call("GET", "/api/federation/lanes", { key: api.keys.other })).body["items"]).toEqual([]);
  });
});

describe("GET /stats", () => {
  beforeAll(async () => {
    await api.db.query({
      text: `INSERT INTO rollups (minute, peer, kind, reason, n) VALUES
               ('2026-04-14T11:10:00Z', 0, 'accepted', '', 100), ('2026-04-14T11:50:00Z', 0, 'accepted', '', 11),
               ('2026-04-14T11:50:00Z', $1, 'drop', 'hop_limit', 3), ('2026-04-14T11:51:00Z', $1, 'drop', 'loop', 1),
               ('2026-04-14T10:59:00Z', 0, 'accepted', '', 1000), ('2026-04-14T12:00:00Z', 0, 'accepted', '', 2000)`,
      values: [peer.no],
    });
  });
  const stats = (query: string) => api.call("GET", `/api/federation/stats?${query}`, { key: api.keys.read });
  const short = (body: Record<string, unknown>): unknown[] =>
    (body["items"] as Record<string, unknown>[]).map(({ at, peer_name, kind, reason, count }) =>
      [at, peer_name, kind, reason, count].filter((value) => value !== null).join(" "),
    );

  it("sums the last hour by peer, kind and reason", async () => {
    const { body } = await stats("");
    expect(body).toMatchObject({ since: "2026-04-14T11:00:00.000Z", until: "2026-04-14T12:00:00.000Z" });
    expect(short(body)).toEqual(["accepted  111", "b drop hop_limit 3", "b drop loop 1"]);
  });

  it("sums any window, of one peer or all", async () => {
    expect(short((await stats("since=2026-04-14T10:00:00Z&until=2026-04-14T11:00:00Z")).body)).toEqual([
      "accepted  1000",
    ]);
    expect(short((await stats(`peer_id=${peer.id}`)).body)).toEqual(["b drop hop_limit 3", "b drop loop 1"]);
  });

  it("divides the window into steps", async () => {
    expect(short((await stats("step=1800")).body)).toEqual([
      "2026-04-14T11:00:00.000Z accepted  100",
      "2026-04-14T11:30:00.000Z accepted  11",
      "2026-04-14T11:30:00.000Z b drop hop_limit 3",
      "2026-04-14T11:30:00.000Z b drop loop 1",
    ]);
  });

  it("shows other teams nothing of these peers", async () => {
    const { body } = await api.call("GET", "/api/federation/stats", { key: api.keys.other });
    expect(short(body)).toEqual(["accepted  111"]);
  });

  it.each([
    ["since=2026-04-14T13:00:00Z", /^query\.since: must be before until/],
    ["since=2026-01-01T00:00:00Z", /^query\.since: must be at most 31 days/],
    ["since=2026-04-01T00:00:00Z&step=60", /^query\.step: must be larger/],
    ["step=1", /^query\.step: must be at least 60/],
  ])("refuses ?%s", async (query, sentence) => {
    const { status, body } = await stats(query);
    expect(body["error"]).toMatch(sentence);
    expect(status).toBe(400);
  });
});

describe("GET /refusals", () => {
  const id = (n: number): string => `019d8ad0-0000-7000-8000-00000000000${n}`;
  beforeAll(async () => {
    const rows = [
      [id(1), TEAM, "bad_signature", peer.no, '{"header":"x-kite-signature"}'],
      [id(2), null, "unknown_team", null, "{}"],
      [id(3), TEAM, "own_id_in_chain", peer.no, '{"instance":"me","chain":["me","b"]}'],
      [id(4), "other", "bad_signature", null, "{}"],
    ];
    for (const [refusal, team, reason, no, evidence] of rows)
      await api.db.query({
        text: `INSERT INTO refusals (id, at, team, route, reason, peer, event_id, event_source, event_type, evidence)
               VALUES ($1, '2026-04-14T10:00:00Z', $2, '/hooks/t/kite', $3, $4, 'e', 's', 't', $5)`,
        values: [refusal, team, reason, no, evidence],
      });
  });
  const refusals = (query: string) => api.call("GET", `/api/federation/refusals?${query}`, { key: api.keys.read });
  const ids = (body: Record<string, unknown>): unknown[] => (body["items"] as { id: string }[]).map((item) => item.id);

  it("lists what was refused to the team, or to a team that nobody knows, in pages", async () => {
    expect(ids((await refusals("")).body)).toEqual([id(3), id(2), id(1)]);
    const first = (await refusals("limit=2")).body;
    expect(ids(first)).toEqual([id(3), id(2)]);
    const second = (await refusals(`limit=2&cursor=${first["next_cursor"]}`)).body;
    expect([ids(second), second["next_cursor"]]).toEqual([[id(1)], null]);
  });

  it("filters, and says in words what a rule refused", async () => {
    expect(ids((await refusals("reason=bad_signature")).body)).toEqual([id(1)]);
    const { body } = await refusals(`peer_id=${peer.id}&limit=1`);
    expect((body["items"] as unknown[])[0]).toMatchObject({
      peer_name: "b",
      reason: "own_id_in_chain",
      sentence: "The event has already been here: this instance, me, stands in its chain, me → b.",
      event: { id: "e", source: "s", type: "t" },
    });
    expect((await refusals("cursor=1")).status).toBe(400);
  });
});
