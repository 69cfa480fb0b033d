import { afterEach, expect, test } from "vitest";
import type { Queryable } from "../../src/main/hub/store/database.ts";
import { candidate, LogHarness, type LogHarnessOptions } from "../support/log-harness.ts";
import { createTestDatabase } from "../support/postgres.ts";

const open: LogHarness[] = [];
async function harness(options: LogHarnessOptions = {}): Promise<LogHarness> {
  const made = await LogHarness.open(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.close()));
});

test("an accepted event is in the log, published, and answered with its seq", async () => {
  const h = await harness();
  const result = await h.log.accept(candidate({ id: "one" }));
  expect(result).toMatchObject({ status: "accepted", seq: 1, id: "one" });
  expect(await h.rows("SELECT seq, id, data, received_at FROM events")).toMatchObject([
    { seq: "1", id: "one", data: '{"total":12.50}', received_at: new Date(h.now) },
  ]);
  expect(h.published.map((event) => event.seq)).toEqual([1]);
  expect(h.tail.seq).toBe(1);
});

test("callers in flight share commits, and seqs have no gaps", async () => {
  const h = await harness();
  const results = await Promise.all(Array.from({ length: 1_000 }, () => h.log.accept(candidate())));
  const seqs = results.map((result) => result.seq).sort((a, b) => a - b);
  expect(seqs).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  expect(h.batches.length).toBeLessThan(20);
  expect(h.published.map((event) => event.seq)).toEqual(seqs);
  expect(await h.rows("SELECT kind, sum(n)::int AS n FROM rollups GROUP BY 1")).toEqual([
    { kind: "accepted", n: 1_000 },
  ]);
});

test("the second arrival of an id is a duplicate of the first, also within one batch", async () => {
  const h = await harness();
  const [first, second] = await Promise.all([
    h.log.accept(candidate({ id: "x" })),
    h.log.accept(candidate({ id: "x" })),
  ]);
  const third = await h.log.accept(candidate({ id: "x" }));
  expect(first).toMatchObject({ status: "accepted", seq: 1 });
  expect(second).toMatchObject({ status: "duplicate", seq: 1, id: "x", conflict: false });
  expect(third).toMatchObject({ status: "duplicate", seq: 1, id: "x", conflict: false });
  expect(h.duplicates).toHaveLength(2);
  expect(await h.rows("SELECT count(*)::int AS n FROM events")).toEqual([{ n: 1 }]);
});

test("the same id with other data is a conflict, and the first stays", async () => {
  const h = await harness();
  await h.log.accept(candidate({ id: "x", data: "1" }));
  expect(await h.log.accept(candidate({ id: "x", data: "2" }))).toMatchObject({ status: "duplicate", conflict: true });
  expect(await h.rows("SELECT data FROM events")).toEqual([{ data: "1" }]);
});

test("the same id of another source, or of another team, is another event", async () => {
  const h = await harness();
  await h.admin.createTeam("other", "Other");
  for (const change of [{}, { source: "https://elsewhere" }, { team: "other" }])
    expect(await h.log.accept(candidate({ id: "x", ...change }))).toMatchObject({ status: "accepted" });
});

test("events without an identity are never duplicates", async () => {
  const h = await harness();
  for (let i = 1; i <= 2; i++)
    expect(await h.log.accept(candidate({ id: "x", identity: null }))).toMatchObject({ status: "accepted", seq: i });
});

test("a restarted hub still knows every key", async () => {
  const database = await createTestDatabase();
  const first = await harness({ database, segmentEvents: 50 });
  for (let i = 0; i < 120; i++) await first.log.accept(candidate({ id: `e${i}` }));
  expect(first.segments.current).toBeGreaterThan(2);
  await first.close();
  open.splice(open.indexOf(first), 1);

  const second = await harness({ database, segmentEvents: 50 });
  for (const i of [0, 49, 50, 99, 119])
    expect(await second.log.accept(candidate({ id: `e${i}` }))).toMatchObject({ status: "duplicate", seq: i + 1 });
  expect(await second.log.accept(candidate({ id: "new" }))).toMatchObject({ status: "accepted", seq: 121 });
  await second.close();
  open.splice(open.indexOf(second), 1);
  await database.drop();
});

test("two hubs on one database: no id twice, seqs in commit order, and each publishes all of it in order", async () => {
  const database = await createTestDatabase();
  const a = await harness({ database, shared: true, segmentEvents: 200 });
  const b = await harness({ database, shared: true, segmentEvents: 200 });
  const ids = Array.from({ length: 600 }, (_, index) => `e${index}`);
  const results = await Promise.all(
    ids.flatMap((id) => [a.log.accept(candidate({ id })), b.log.accept(candidate({ id }))]),
  );
  expect(results.filter((result) => result.status === "accepted")).toHaveLength(600);
  expect(results.filter((result) => result.status === "duplicate")).toHaveLength(600);
  const all = Array.from({ length: 600 }, (_, index) => index + 1);
  for (const hub of [a, b]) {
    await hub.tail.advanceTo(600);
    expect(hub.published.map((event) => event.seq)).toEqual(all);
    expect(hub.errors).toEqual([]);
  }
  await Promise.all([a.close(), b.close()]);
  open.splice(0);
  await database.drop();
});

test("what another hub stored just before it turned to a new segment is found there", async () => {
  const database = await createTestDatabase();
  let [held, release]: [() => void, () => void] = [() => undefined, () => undefined];
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const late = await harness({
    database,
    shared: true,
    segmentEvents: 1,
    wrapWriter: (writer): Queryable => ({
      query: async (query) => {
        held();
        await isReleased;
        return writer.query(query);
      },
    }),
  });
  const early = await harness({ database, shared: true, segmentEvents: 1 });
  const before = late.segments.current;
  const answer = late.log.accept(candidate({ id: "same" }));
  await isHeld;
  expect(await early.log.accept(candidate({ id: "same" }))).toMatchObject({ status: "accepted", seq: 1 });
  expect(await early.log.accept(candidate({ id: "next" }))).toMatchObject({ status: "accepted", seq: 2 });
  expect(early.segments.current).toBeGreaterThan(before);
  release();
  expect(await answer).toMatchObject({ status: "duplicate", seq: 1 });
  await Promise.all([late.close(), early.close()]);
  open.splice(0);
  await database.drop();
});

test("a row that PostgreSQL refuses fails alone", async () => {
  const h = await harness();
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => h.log.accept(candidate(index === 13 ? { type: "nul\u0000" } : {}))),
  );
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(19);
  expect(results[13]).toMatchObject({ status: "rejected", reason: { code: "unstorable", status: 400 } });
  expect(await h.rows("SELECT count(*)::int AS n FROM events")).toEqual([{ n: 19 }]);
  expect(h.tail.seq).toBe(19);
});

test("every field of an event is stored as it is, nulls, other scripts and large ones included", async () => {
  const h = await harness();
  const large = JSON.stringify("日本語 ".repeat(50_000));
  const full = candidate({
    id: "é",
    source: "https://源",
    summary: "a summary",
    headers: '{"x-a":"b"}',
    hook: "demo",
    via: 3,
    copy: { origin: "far", chain: '["far","near"]', hops: 2 },
    integrity: "chain_gap",
    verified: true,
    agentTo: "executor",
    data: large,
    dataBytes: Buffer.byteLength(large),
  });
  const bare = candidate({ id: "bare", data: null, dataBytes: 0, identity: null });
  await Promise.all([h.log.accept(full), h.log.accept(bare)]);
  await h.log.appendReplays(h.published.slice(0, 1));
  const rows = await h.rows(`SELECT id, source, summary, headers, hook, via, origin, chain, hops, integrity, verified,
    agent_to, data, data_bytes, replay_of::int FROM events ORDER BY seq`);
  const first = {
    id: "é",
    source: "https://源",
    summary: "a summary",
    headers: '{"x-a":"b"}',
    hook: "demo",
    via: 3,
    origin: "far",
    chain: '["far","near"]',
    hops: 2,
    integrity: "chain_gap",
    verified: true,
    agent_to: "executor",
    data: large,
    data_bytes: Buffer.byteLength(large),
    replay_of: null,
  };
  expect(rows).toEqual([
    first,
    expect.objectContaining({ id: "bare", data: null, via: null, origin: null, verified: false, agent_to: null }),
    { ...first, replay_of: 1 },
  ]);
  expect(await h.rows("SELECT seq::int FROM dedup")).toEqual([{ seq: 1 }]);
});

test("a commit that the database cannot make now is unavailable, and the next one works", async () => {
  let broken = true;
  const wrapWriter = (writer: Queryable): Queryable => ({
    query: (query) =>
      broken ? Promise.reject(Object.assign(new Error("no space left"), { code: "53100" })) : writer.query(query),
  });
  const h = await harness({ wrapWriter });
  await expect(h.log.accept(candidate({ id: "x" }))).rejects.toMatchObject({ code: "unavailable", status: 503 });
  broken = false;
  expect(await h.log.accept(candidate({ id: "x" }))).toMatchObject({ status: "accepted", seq: 1 });
});

test("a killed connection costs the batch an answer, not the hub its service", async () => {
  const h = await harness();
  await h.log.accept(candidate());
  await h.rows(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  const after = await Promise.allSettled([h.log.accept(candidate())]);
  if (after[0].status === "rejected") expect(after[0].reason).toMatchObject({ code: "unavailable" });
  await expect
    .poll(() =>
      h.log.accept(candidate()).then(
        (r) => r.status,
        () => "refused",
      ),
    )
    .toBe("accepted");
});

/** Counts the statements that are under way, and holds up the first of them until it is let go. */
function countedWriter() {
  const seen = { now: 0, most: 0, statements: 0 };
  const wrapWriter = (writer: Queryable): Queryable => ({
    query: async (query) => {
      seen.statements++;
      seen.most = Math.max(seen.most, ++seen.now);
      try {
        return await writer.query(query);
      } finally {
        seen.now--;
      }
    },
  });
  return { seen, wrapWriter };
}

/** Holds the head's lock, so that commits stand still. @returns what lets them go on */
async function blockCommits(h: LogHarness): Promise<() => Promise<void>> {
  const client = await h.db.pool.connect();
  await client.query("BEGIN");
  await client.query("SELECT 1 FROM log_head FOR UPDATE");
  return async () => {
    await client.query("COMMIT");
    client.release();
  };
}

test("a full batch is sent behind the one that is being committed, and no third; all keep their order", async () => {
  const { seen, wrapWriter } = countedWriter();
  const h = await harness({ wrapWriter });
  const release = await blockCommits(h);
  const ids = Array.from({ length: 900 }, (_, index) => `event-${index}`);
  const accepted = Promise.all(ids.map((id) => h.log.accept(candidate({ id }))));
  await expect.poll(() => seen.now).toBe(2);
  await release();
  expect((await accepted).map(({ seq }) => seq)).toEqual(ids.map((_, index) => index + 1));
  expect(h.published.map(({ id }) => id)).toEqual(ids);
  expect(seen.most).toBe(2);
  // 256, 256, 256 and the rest.
  expect(h.batches).toEqual([256, 256, 256, 132]);
});

test("a batch that is not full waits for the one that is being committed", async () => {
  const { seen, wrapWriter } = countedWriter();
  const h = await harness({ wrapWriter });
  const release = await blockCommits(h);
  const first = h.log.accept(candidate());
  await expect.poll(() => seen.now).toBe(1);
  const others = Array.from({ length: 255 }, () => h.log.accept(candidate()));
  await new Promise((resolve) => setImmediate(resolve));
  await release();
  await Promise.all([first, ...others]);
  expect(seen).toMatchObject({ most: 1, statements: 2 });
});

test("an id that comes again in a batch behind its first one's is a duplicate of it", async () => {
  const h = await harness();
  const release = await blockCommits(h);
  const all = Array.from({ length: 256 }, (_, index) => candidate({ id: `event-${index}` }));
  const again = [...all].reverse();
  const answers = Promise.all([...all, ...again].map((one) => h.log.accept(one)));
  await release();
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.slice(0, 256).every((status) => status === "accepted")).toBe(true);
  expect(statuses.slice(256).every((status) => status === "duplicate")).toBe(true);
  expect(await h.rows("SELECT count(*)::int AS n FROM events")).toEqual([{ n: 256 }]);
});

test("a row that PostgreSQL refuses fails alone, though a full batch stands behind its own", async () => {
  const h = await harness();
  const release = await blockCommits(h);
  const ids = Array.from({ length: 600 }, (_, index) => `event-${index}`);
  const answers = Promise.allSettled(
    ids.map((id, index) => h.log.accept(candidate({ id, ...(index === 7 ? { summary: "\u0000" } : {}) }))),
  );
  await release();
  const refused = (await answers).flatMap(({ status }, index) => (status === "rejected" ? [index] : []));
  expect(refused).toEqual([7]);
  const seqs = h.published.map(({ seq }) => seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(h.published.map(({ id }) => id)).size).toBe(599);
});

test("a connection that is killed under two commits costs both their answers, and nothing is in the log twice", async () => {
  const { seen, wrapWriter } = countedWriter();
  const h = await harness({ wrapWriter });
  await h.log.accept(candidate({ id: "before" }));
  const release = await blockCommits(h);
  const ids = Array.from({ length: 600 }, (_, index) => `event-${index}`);
  const answers = Promise.allSettled(ids.map((id) => h.log.accept(candidate({ id }))));
  await expect.poll(() => seen.now).toBe(2);
  await h.rows(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  await release();
  const lost = (await answers).filter(({ status }) => status === "rejected");
  expect(lost.length).toBeGreaterThanOrEqual(512);
  for (const { reason } of lost as PromiseRejectedResult[]) expect(reason).toMatchObject({ code: "unavailable" });
  const statuses = await Promise.all(ids.map((id) => h.log.accept(candidate({ id }))));
  expect(statuses).toHaveLength(600);
  expect(await h.rows("SELECT count(DISTINCT id)::int AS ids, count(*)::int AS n FROM events")).toEqual([
    { ids: 601, n: 601 },
  ]);
  expect(h.published.map(({ seq }) => seq)).toEqual(Array.from({ length: 601 }, (_, index) => index + 1));
});

test("a batch routed with an old registry is routed again", async () => {
  const database = await createTestDatabase();
  const a = await harness({ database, shared: true });
  const b = await harness({ database, shared: true });
  const peer = await b.admin.createPeer("team", {
    name: "other",
    hookUrl: "https://other.example.com/hooks/t/kite",
    outboundToken: "out",
    inboundToken: "in",
  });
  // `a` has not heard of the peer, and must forward to it all the same.
  expect(a.registry.peersOf("team")).toHaveLength(0);
  await a.log.accept(candidate());
  expect(await a.rows("SELECT peer, state FROM outbox")).toEqual([{ peer: peer.no, state: "pending" }]);
  await Promise.all([a.close(), b.close()]);
  open.splice(0);
  await database.drop();
});

test("each peer gets an entry or a drop that names its rule", async () => {
  const h = await harness();
  const make = (name: string, change: object): Promise<{ no: number }> =>
    h.admin.createPeer("team", {
      name,
      hookUrl: `https://${name}.example.com/hooks/t/kite`,
      outboundToken: name,
      inboundToken: name,
      ...change,
    });
  const yes = await make("yes", {});
  const scoped = await make("scoped", { scopes: ["com.other.*"] });
  const looped = await make("looped", { instanceId: "hub-x" });
  const near = await make("near", { maxHops: 1 });
  const small = await make("small", { maxBytes: 3 });
  h.lanes.open = true;
  await h.log.accept(candidate({ copy: { origin: "hub-x", chain: '["hub-x"]', hops: 1 } }));
  expect(await h.rows("SELECT peer, state, hops, leased_by FROM outbox")).toEqual([
    { peer: yes.no, state: "sending", hops: 1, leased_by: 1 },
  ]);
  expect(h.lanes.offered).toMatchObject([{ peer: yes.no, seq: 1, gen: 0 }]);
  expect(await h.rows("SELECT peer, reason, evidence::jsonb AS evidence FROM drops ORDER BY peer")).toMatchObject([
    { peer: scoped.no, reason: "out_of_scope", evidence: { type: "com.example.order" } },
    { peer: looped.no, reason: "loop", evidence: { instance: "hub-x" } },
    { peer: near.no, reason: "hop_limit", evidence: { hops: 1, limit: 1 } },
    { peer: small.no, reason: "too_large", evidence: { limit: 3 } },
  ]);
});

test("a replay to listeners is a new seq for the old event, and goes to no peer", async () => {
  const h = await harness();
  await h.admin.createPeer("team", {
    name: "p",
    hookUrl: "https://p.example.com/hooks/t/kite",
    outboundToken: "o",
    inboundToken: "i",
  });
  await h.log.accept(candidate({ id: "x" }));
  const [original] = h.published;
  if (original === undefined) throw new Error("nothing was published");
  expect(await h.log.appendReplays([original])).toEqual([2]);
  expect(h.published[1]).toMatchObject({ seq: 2, id: "x", replayOf: 1, data: original.data });
  expect(await h.rows("SELECT seq FROM outbox")).toEqual([{ seq: "1" }]);
});

test("a stopped log takes nothing more, and loses nothing it took", async () => {
  const h = await harness();
  const accepted = Promise.all(Array.from({ length: 300 }, () => h.log.accept(candidate())));
  await h.log.stop();
  expect(await accepted).toHaveLength(300);
  await expect(h.log.accept(candidate())).rejects.toMatchObject({ code: "stopping" });
});
