import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";
import { insertAttempt, insertDrop, insertEntry, insertEvent } from "./ledger-fixture.ts";

let api: ApiUnderTest;
const peers: { no: number; id: string }[] = [];
const ATTEMPTS = [1, 2, 3].map((n) => `019d8ad0-0000-7000-8000-00000000000${n}`);

const addPeer = async (team: string, name: string): Promise<{ no: number; id: string }> =>
  api.admin.createPeer(team, {
    name,
    hookUrl: `https://${name}.example.com/hooks/t/kite`,
    outboundToken: "o",
    inboundToken: `i-${team}-${name}`,
  });

beforeAll(async () => {
  api = await createApiUnderTest();
  const { db } = api;
  for (const name of ["b", "c", "d"]) peers.push(await addPeer(TEAM, name));
  peers.push(await addPeer("other", "z"));
  const [b, c, d, z] = peers.map(({ no }) => no) as [number, number, number, number];
  for (let seq = 1; seq <= 9; seq++)
    await insertEvent(db, { seq, type: seq % 2 ? "com.example.odd" : "com.example.even" });
  await insertEvent(db, { seq: 10, team: "other" });

  // Per event: b, then c, then d. Event 9 was taken to b twice, the second time by a shorter way.
  await insertEntry(db, { peer: b, seq: 1, state: "delivered", attempts: [ATTEMPTS[0] ?? ""] });
  await insertEntry(db, { peer: b, seq: 2, state: "dead", cause: "http_400", attempts: [ATTEMPTS[1] ?? ""] });
  await insertEntry(db, { peer: b, seq: 3, state: "dead", cause: "http_400" });
  await insertEntry(db, { peer: b, seq: 4, state: "dead", cause: "schedule" });
  await insertEntry(db, { peer: b, seq: 5, state: "cancelled", cause: "peer_revoked" });
  await insertEntry(db, { peer: b, seq: 6, state: "pending", attempts: ATTEMPTS, tries: 2 });
  await insertEntry(db, { peer: b, seq: 7, state: "sending" });
  await insertEntry(db, { peer: b, seq: 9, state: "delivered" });
  await insertEntry(db, { peer: b, seq: 9, gen: 1, state: "pending" });
  await insertEntry(db, { peer: c, seq: 2, state: "dead", cause: "http_422" });
  await insertEntry(db, { peer: c, seq: 7, state: "pending" });
  await insertEntry(db, { peer: z, seq: 10, state: "dead", cause: "secret" });

  const hops = { hops: 3, limit: 3 };
  await insertDrop(db, { peer: c, seq: 3, reason: "hop_limit", evidence: hops });
  await insertDrop(db, { peer: c, seq: 3, reason: "hop_limit", evidence: hops, at: "2026-04-14T10:05:00Z" });
  await insertDrop(db, {
    peer: d,
    seq: 1,
    reason: "out_of_scope",
    evidence: { type: "com.example.odd", scopes: ["a.*"] },
  });
  await insertDrop(db, {
    peer: d,
    seq: 2,
    reason: "loop",
    evidence: { instance: "d", known_by: "name", chain: ["d", "a"] },
  });
  await insertDrop(db, { peer: z, seq: 10, reason: "hop_limit", evidence: hops });

  await insertAttempt(db, { id: ATTEMPTS[0] ?? "", peer: b, outcome: "delivered", status: 202 });
  await insertAttempt(db, { id: ATTEMPTS[1] ?? "", peer: b, outcome: "dead", status: 400, seq: 2 });
  await insertAttempt(db, { id: ATTEMPTS[2] ?? "", peer: c, outcome: "retry", status: null, seq: 2 });
  await insertAttempt(db, { id: "019d8ad0-0000-7000-8000-000000000009", peer: z, outcome: "retry", seq: 10 });
});
afterAll(() => api.close());

const items = ({ body }: Answer): Record<string, unknown>[] => body["items"] as Record<string, unknown>[];
const ids = (answer: Answer): unknown[] => items(answer).map(({ id }) => id);
const list = (path: string): Promise<Answer> => api.call("GET", `/api/federation/${path}`, { key: api.keys.read });
const entry = (peer: number, seq: number, gen = 0): string => `${seq}-${peers[peer]?.no}-${gen}`;

/** Every page of a list, and the assertion that none is larger than asked for. */
async function walk(path: string, limit: number, most = limit): Promise<Record<string, unknown>[][]> {
  const pages: Record<string, unknown>[][] = [];
  let cursor: unknown = "";
  while (cursor !== null) {
    const answer = await list(`${path}limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    pages.push(items(answer));
    expect(items(answer).length).toBeLessThanOrEqual(most);
    cursor = answer.body["next_cursor"];
  }
  return pages;
}

describe("GET /outbox", () => {
  const ALL = (): string[] => [
    ...[entry(0, 9, 1), entry(0, 9)],
    ...[entry(1, 7), entry(0, 7), entry(0, 6), entry(0, 5), entry(0, 4), entry(0, 3)],
    ...[entry(1, 2), entry(0, 2), entry(0, 1)],
  ];

  it("lists what is owed and what is finished, newest event first, of the team alone", async () => {
    const answer = await list("outbox");
    expect(ids(answer)).toEqual(ALL());
    expect(answer.body["next_cursor"]).toBeNull();
  });

  it.each([1, 2, 3, 4, 10, 11, 12])("pages by %i without a gap or a repeat", async (limit) => {
    const pages = await walk("outbox?", limit);
    expect(pages.flat().map(({ id }) => id)).toEqual(ALL());
    expect(pages).toHaveLength(Math.ceil(ALL().length / limit));
  });

  it.each([
    ["pending", () => [entry(0, 9, 1), entry(1, 7), entry(0, 6)]],
    ["sending", () => [entry(0, 7)]],
    ["delivered", () => [entry(0, 9), entry(0, 1)]],
    ["dead", () => [entry(0, 4), entry(0, 3), entry(1, 2), entry(0, 2)]],
    ["cancelled", () => [entry(0, 5)]],
  ])("lists those that are %s, also in pages", async (state, expected) => {
    expect(ids(await list(`outbox?state=${state}`))).toEqual(expected());
    expect((await walk(`outbox?state=${state}&`, 1)).flat().map(({ id }) => id)).toEqual(expected());
  });

  it("lists those of one peer", async () => {
    expect(ids(await list(`outbox?peer_id=${peers[1]?.id}`))).toEqual([entry(1, 7), entry(1, 2)]);
    expect(ids(await list(`outbox?peer_id=${peers[1]?.id}&state=pending`))).toEqual([entry(1, 7)]);
    // A peer of another team is not there at all.
    expect(ids(await list(`outbox?peer_id=${peers[3]?.id}`))).toEqual([]);
  });

  it("says of a waiting entry when it is tried next, and why it waits", async () => {
    const [waiting] = items(await list("outbox?state=pending&limit=1"));
    expect(waiting).toMatchObject({
      id: entry(0, 9, 1),
      gen: 1,
      peer_name: "b",
      event: { id: "evt-9", source: "https://example.com", type: "com.example.odd" },
      next_attempt_at: "2026-04-14T13:00:00.000Z",
      wait_reason: "schedule",
      finished_at: null,
    });
  });

  it("still lists the entries of a peer that was removed", async () => {
    const gone = await addPeer(TEAM, "gone");
    await insertEntry(api.db, { peer: gone.no, seq: 8, state: "cancelled", cause: "peer_deleted" });
    await api.admin.deletePeer(TEAM, gone.id, async () => undefined);
    const [first] = items(await list(`outbox?peer_id=${gone.id}`));
    expect(first).toMatchObject({ peer_name: "gone", state: "cancelled", cause: "peer_deleted" });
    const detail = await list(`outbox/8-${gone.no}-0`);
    expect(detail.body).toMatchObject({ schedule: [] });
    await api.db.query({ text: "DELETE FROM outbox_done WHERE peer = $1", values: [gone.no] });
  });

  it.each([
    ["limit=0", /^query\.limit: must be at least 1/],
    ["limit=501", /^query\.limit: must be at most 500/],
    ["limit=x", /^query\.limit: must be a number/],
    ["state=gone", /^query\.state: must be "pending" or/],
    ["peer_id=7", /^query\.peer_id: must be a UUID/],
    ["peer=7", /^query: "peer" cannot be given here/],
    ["cursor=nonsense", /^query\.cursor: is not a cursor of this list/],
    [`cursor=${Buffer.from("[1,2,3]").toString("base64url")}`, /^query\.cursor: is not a cursor of this list/],
    [`cursor=${Buffer.from('{"seq":-1,"peer":1,"gen":0}').toString("base64url")}`, /^query\.cursor/],
  ])("refuses ?%s", async (query, sentence) => {
    const { status, body } = await list(`outbox?${query}`);
    expect(body["error"]).toMatch(sentence);
    expect(status).toBe(400);
  });
});

describe("GET /outbox/:id", () => {
  it("shows an entry with its attempts and the schedule of its present round", async () => {
    const { status, body } = await list(`outbox/${entry(0, 6)}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: entry(0, 6), state: "pending", attempts: 2, attempt_ids: ATTEMPTS });
    const schedule = body["schedule"] as Record<string, unknown>[];
    expect(schedule).toHaveLength(26);
    // Two tries of three belong to the present round: the second attempt began it.
    const began = 0x019d8ad00000;
    expect(schedule.slice(0, 3)).toEqual([
      { attempt: 1, age_ms: 0, due_at: new Date(began).toISOString(), made: true },
      { attempt: 2, age_ms: 5_000, due_at: new Date(began + 5_000).toISOString(), made: true },
      { attempt: 3, age_ms: 30_000, due_at: new Date(began + 30_000).toISOString(), made: false },
    ]);
  });

  it("has no times for an entry that was never tried", async () => {
    const { body } = await list(`outbox/${entry(0, 7)}`);
    expect(body).toMatchObject({ state: "sending", next_attempt_at: null, leased_until: "2026-04-14T10:01:00.000Z" });
    expect((body["schedule"] as Record<string, unknown>[])[0]).toMatchObject({ due_at: null, made: false });
  });

  it("lists the attempts, oldest first, those of other entries left out", async () => {
    const answer = await list(`outbox/${entry(0, 2)}/attempts`);
    expect(items(answer)).toEqual([
      {
        id: ATTEMPTS[1],
        peer_id: peers[0]?.id,
        peer_name: "b",
        at: "2026-04-14T10:00:00.000Z",
        duration_ms: 12.5,
        outcome: "dead",
        status: 400,
        error: null,
        batch: false,
        entries: 1,
        first_seq: 2,
        last_seq: 2,
        url: "https://b.example.com/",
        request_headers: { authorization: "***" },
        request_bytes: 211,
        response_headers: { "content-type": "text/plain" },
        response_body: "busy",
      },
    ]);
  });

  it("knows nothing of entries that are not there, or another team's", async () => {
    for (const id of ["99-1-0", entry(3, 10), `6-${peers[0]?.no}-5`]) {
      expect((await list(`outbox/${id}`)).status).toBe(404);
      expect((await list(`outbox/${id}/attempts`)).status).toBe(404);
    }
  });

  it.each(["7", "7-1", "7-1-0-0", "a-1-0", "-1-1-0", "99999999999999999-1-0", "9999999999999999-1-0"])(
    "refuses the id %s",
    async (id) => {
      expect([400, 404]).toContain((await list(`outbox/${id}`)).status);
    },
  );
});

describe("what can be done with an entry", () => {
  it("is handed to those who do it", async () => {
    for (const [action, id] of [
      ["retry", entry(0, 6)],
      ["cancel", entry(0, 6)],
    ] as const) {
      const answer = await api.call("POST", `/api/federation/outbox/${id}/${action}`);
      expect([answer.status, answer.body]).toEqual([200, { id }]);
    }
    expect(api.laneCalls).toEqual([`retry ${TEAM} ${entry(0, 6)}`, `cancel ${TEAM} ${entry(0, 6)}`]);
    await api.call("POST", `/api/federation/outbox/${entry(0, 1)}/replay`);
    await api.call("POST", `/api/federation/dead-letters/${entry(0, 2)}/replay`);
    expect(api.replays.replayed).toEqual([entry(0, 1), entry(0, 2)]);
  });

  it("is nothing for an entry that is not there", async () => {
    for (const path of [
      "outbox/99-1-0/retry",
      "outbox/99-1-0/cancel",
      "outbox/99-1-0/replay",
      "dead-letters/99-1-0/replay",
    ])
      expect((await api.call("POST", `/api/federation/${path}`)).status).toBe(404);
  });

  it("is no replay of a dead letter that is none", async () => {
    const { status, body } = await api.call("POST", `/api/federation/dead-letters/${entry(0, 1)}/replay`);
    expect(status).toBe(409);
    expect(body["error"]).toContain("is delivered, not a dead letter");
  });
});

describe("GET /attempts", () => {
  it("lists the team's attempts, newest first, in pages", async () => {
    const all = ATTEMPTS.toReversed();
    expect(ids(await list("attempts"))).toEqual(all);
    expect((await walk("attempts?", 1)).map((page) => page.map(({ id }) => id))).toEqual(all.map((id) => [id]));
    expect(items(await list("attempts"))[0]).not.toHaveProperty("response_body");
  });

  it("filters by peer and outcome", async () => {
    expect(ids(await list(`attempts?peer_id=${peers[0]?.id}`))).toEqual([ATTEMPTS[1], ATTEMPTS[0]]);
    expect(ids(await list("attempts?outcome=delivered"))).toEqual([ATTEMPTS[0]]);
    expect(ids(await list(`attempts?outcome=retry&peer_id=${peers[1]?.id}`))).toEqual([ATTEMPTS[2]]);
    expect(ids(await list(`attempts?outcome=retry&peer_id=${peers[0]?.id}`))).toEqual([]);
  });

  it("shows one whole, and none of another team", async () => {
    expect((await list(`attempts/${ATTEMPTS[2]}`)).body).toMatchObject({
      id: ATTEMPTS[2],
      status: null,
      response_body: "busy",
    });
    expect((await list("attempts/019d8ad0-0000-7000-8000-000000000009")).status).toBe(404);
  });
});

describe("GET /decisions", () => {
  const short = (answer: Answer): unknown[] =>
    items(answer).map(({ seq, peer_name, outcome, reason }) => [seq, peer_name, outcome, reason]);

  it("says of one event what was decided for each peer, and why", async () => {
    const answer = await list("decisions?seq=2");
    expect(short(answer)).toEqual([
      [2, "d", "drop", "loop"],
      [2, "c", "forward", null],
      [2, "b", "forward", null],
    ]);
    expect(items(answer)[0]).toMatchObject({
      sentence: "The event has already been at d: it came by d → a.",
      evidence: { instance: "d", known_by: "name", chain: ["d", "a"] },
      event: { id: "evt-2" },
      revision: 3,
      entry_id: null,
    });
    expect(items(answer)[1]).toMatchObject({
      sentence: "The event is forwarded; its outbox entry is dead.",
      entry_id: entry(1, 2),
    });
  });

  it("finds an event by its id", async () => {
    expect(short(await list("decisions?event_id=evt-1"))).toEqual([
      [1, "d", "drop", "out_of_scope"],
      [1, "b", "forward", null],
    ]);
    expect(items(await list("decisions?event_id=evt-1&seq=2"))).toEqual([]);
    expect(items(await list("decisions?event_id=nobody"))).toEqual([]);
    // Another team's event is nobody's.
    expect(items(await list("decisions?event_id=evt-10"))).toEqual([]);
    expect(items(await list("decisions?seq=10"))).toEqual([]);
  });

  it("filters by peer, outcome and reason", async () => {
    expect(short(await list("decisions?outcome=drop"))).toEqual([
      [3, "c", "drop", "hop_limit"],
      [3, "c", "drop", "hop_limit"],
      [2, "d", "drop", "loop"],
      [1, "d", "drop", "out_of_scope"],
    ]);
    expect(short(await list("decisions?reason=loop"))).toEqual([[2, "d", "drop", "loop"]]);
    expect(items(await list(`decisions?reason=loop&peer_id=${peers[1]?.id}`))).toEqual([]);
    expect(short(await list(`decisions?outcome=forward&peer_id=${peers[1]?.id}`))).toEqual([
      [7, "c", "forward", null],
      [2, "c", "forward", null],
    ]);
    expect((await list("decisions?reason=because")).status).toBe(400);
  });

  it.each([1, 2, 3, 5, 100])(
    "pages by %i, keeping what was decided about an event and a peer together",
    async (limit) => {
      const whole = items(await list("decisions?limit=500"));
      expect(whole).toHaveLength(15);
      const pages = await walk("decisions?", limit, limit + 1);
      expect(pages.flat()).toEqual(whole);
    },
  );
});

describe("GET /dead-letters", () => {
  it("lists them, also by peer and cause, in pages", async () => {
    expect(ids(await list("dead-letters"))).toEqual([entry(0, 4), entry(0, 3), entry(1, 2), entry(0, 2)]);
    expect(ids(await list("dead-letters?cause=http_400"))).toEqual([entry(0, 3), entry(0, 2)]);
    expect(ids(await list(`dead-letters?cause=http_400&peer_id=${peers[1]?.id}`))).toEqual([]);
    expect((await walk("dead-letters?cause=http_400&", 1)).flat().map(({ id }) => id)).toEqual([
      entry(0, 3),
      entry(0, 2),
    ]);
  });

  it("counts them by cause", async () => {
    const of = (peer: number, cause: string, count: number, oldest: number, newest: number) => ({
      peer_id: peers[peer]?.id,
      peer_name: ["b", "c"][peer],
      cause,
      count,
      oldest_seq: oldest,
      newest_seq: newest,
    });
    expect(items(await list("dead-letters/causes"))).toEqual([
      of(0, "http_400", 2, 2, 3),
      of(0, "schedule", 1, 4, 4),
      of(1, "http_422", 1, 2, 2),
    ]);
    expect(items(await list(`dead-letters/causes?peer_id=${peers[1]?.id}`))).toEqual([of(1, "http_422", 1, 2, 2)]);
  });
});
