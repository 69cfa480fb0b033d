import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { likeOfGlob, SEARCH_WINDOW } from "../../src/main/hub/store/ledger.ts";
import { matchScope } from "../../src/shared/rules/index.ts";
import { type Answer, type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";
import { insertEvent } from "./ledger-fixture.ts";

let api: ApiUnderTest;
let peer: { no: number; id: string };
/** A gap as wide as this makes a search take several pages. */
const FAR = 3 * SEARCH_WINDOW;

beforeAll(async () => {
  api = await createApiUnderTest();
  const { db } = api;
  peer = await api.admin.createPeer(TEAM, {
    name: "b",
    hookUrl: "https://b.example.com/hooks/t/kite",
    outboundToken: "o",
    inboundToken: "i",
  });
  const at = (minute: number): string => new Date(Date.UTC(2026, 3, 14, 10, minute)).toISOString();
  await insertEvent(db, {
    seq: 1,
    type: "com.stripe.charge",
    source: "https://api.stripe.com",
    hook: "stripe",
    receivedAt: at(0),
  });
  await insertEvent(db, { seq: 2, type: "com.github.push", hook: "github", receivedAt: at(10) });
  await insertEvent(db, {
    seq: 3,
    id: "dup",
    type: "com.stripe.charge",
    receivedAt: at(20),
    via: peer.no,
    origin: "b",
    chain: '["b","c"]',
    hops: 2,
  });
  await insertEvent(db, { seq: 4, id: "dup", source: "https://elsewhere", receivedAt: at(30) });
  await insertEvent(db, { seq: 5, id: "dup", source: "https://elsewhere", receivedAt: at(40), replayOf: 4 });
  await insertEvent(db, { seq: 6, team: "other", id: "dup", receivedAt: at(50) });
  await insertEvent(db, {
    seq: FAR,
    type: "com.example.late",
    receivedAt: at(600),
    data: '{ "big": 12345678901234567890, "float": 1.0, "é": "\\u00e9" }',
  });
  await db.query({
    text: `INSERT INTO arrivals (seq, segment, at, kind, via, hops, origin, chain, digest) VALUES
             (3, 1, '2026-04-14T10:21:00Z', 'duplicate', NULL, 0, NULL, '[]', gen_random_uuid()),
             (3, 1, '2026-04-14T10:20:30Z', 'duplicate', $1, 3, 'b', '["b","x","c"]', gen_random_uuid())`,
    values: [peer.no],
  });
});
afterAll(() => api.close());

const list = (query: string, key = api.keys.read): Promise<Answer> =>
  api.call("GET", `/api/federation/events?${query}`, { key });
const seqs = ({ body }: Answer): unknown[] => (body["items"] as { seq: number }[]).map(({ seq }) => seq);

/** Follows the cursors to the end. */
async function all(query: string): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: unknown = "";
  while (cursor !== null) {
    const answer = await list(`${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    found.push(...seqs(answer));
    cursor = answer.body["next_cursor"];
  }
  return found;
}

describe("GET /events", () => {
  it.each([1, 2, 3, 50])("lists the team's events newest first, in pages of %i", async (limit) => {
    expect(await all(`limit=${limit}`)).toEqual([FAR, 5, 4, 3, 2, 1]);
  });

  it("looks at a bounded stretch of the log for a page, and says how far it looked", async () => {
    const answer = await list("type=com.stripe.charge");
    expect(seqs(answer)).toEqual([]);
    expect(answer.body).toMatchObject({ searched_to: FAR + 1 - SEARCH_WINDOW });
    expect(answer.body["next_cursor"]).not.toBeNull();
    expect(await all("type=com.stripe.charge")).toEqual([3, 1]);
  });

  it.each([
    ["type=stripe.*", [3, 1]],
    ["type=*.push", [2]],
    ["source=https://api.stripe.com", [1]],
    ["hook=github", [2]],
    ["since=2026-04-14T10:10:00Z&until=2026-04-14T10:30:00Z", [3, 2]],
    ["since=2026-04-14T12:15:00%2B02:00&until=2026-04-14T10:40:00Z", [4, 3]],
    ["until=2026-04-14T10:00:00Z", []],
    ["since=2030-01-01T00:00:00Z", []],
    ["since=2026-04-14T11:00:00Z", [FAR]],
  ])("filters by %s", async (query, expected) => {
    expect(await all(query)).toEqual(expected);
  });

  it("begins a search by time near that time", async () => {
    const answer = await list("until=2026-04-14T10:25:00Z");
    expect(seqs(answer)).toEqual([3, 2, 1]);
  });

  it("finds an event by its id in the whole log at once", async () => {
    expect(seqs(await list("id=dup"))).toEqual([5, 4, 3]);
    expect(seqs(await list("id=dup&source=https://elsewhere"))).toEqual([5, 4]);
    expect(await all("id=dup&limit=1")).toEqual([5, 4, 3]);
    expect(seqs(await list("id=dup", api.keys.other))).toEqual([6]);
    expect((await list("id=nobody")).body).toMatchObject({ items: [], next_cursor: null });
  });

  it("filters by the peer that delivered, and shows the copy that is held", async () => {
    const answer = await list(`peer_id=${peer.id}&until=2026-04-14T11:00:00Z`);
    expect(answer.body["items"]).toEqual([
      {
        seq: 3,
        id: "dup",
        source: "https://example.com",
        type: "com.stripe.charge",
        summary: null,
        received_at: "2026-04-14T10:20:00.000Z",
        hook: null,
        via_peer_id: peer.id,
        verified: false,
        integrity: [],
        copy: { origin: "b", chain: ["b", "c"], hops: 2 },
        agent_to: null,
        replay_of: null,
        data_bytes: 7,
      },
    ]);
  });

  it.each([["since=yesterday"], ["type=a%20b"], ["cursor=x"], ["event_id=1"]])("refuses ?%s", async (query) => {
    expect((await list(query)).status).toBe(400);
  });

  it("understands a glob on the type as scopes do", () => {
    const part = fc.stringMatching(/^[a-c.%_*\\]{0,6}$/);
    const like = (pattern: string, text: string): boolean => {
      // PostgreSQL's LIKE, written out: a backslash takes the next character as it is.
      const source = pattern.replaceAll(/\\(.)|(%)|(_)|([^\\%_])/g, (_m, escaped, any, one, plain) =>
        any ? ".*" : one ? "." : `[${(escaped ?? plain).replace(/[\\\]^-]/, "\\$&")}]`,
      );
      return new RegExp(`^(?:${source})$`, "s").test(text);
    };
    fc.assert(
      fc.property(part, part, fc.boolean(), (glob, rest, prefixed) => {
        const type = (prefixed ? "com." : "") + rest.replaceAll("*", "");
        const pattern = likeOfGlob(glob);
        expect(like(pattern, type) || like(`com.${pattern}`, type)).toBe(matchScope(glob, type));
      }),
    );
  });
});

describe("GET /events/:seq", () => {
  it("shows the event as it came, digit for digit", async () => {
    const { status, text } = await api.call("GET", `/api/federation/events/${FAR}`, { key: api.keys.read });
    expect(status).toBe(200);
    expect(text).toContain('"data":{ "big": 12345678901234567890, "float": 1.0, "é": "\\u00e9" }');
    expect(JSON.parse(text)).toMatchObject({
      seq: FAR,
      arrivals: [],
      event: { specversion: "1.0", id: `evt-${FAR}`, subject: "s", kiteseq: FAR, data: { float: 1 } },
    });
  });

  it("shows the held copy and every other arrival, oldest first", async () => {
    const { body } = await api.call("GET", "/api/federation/events/3");
    expect(body).toMatchObject({
      copy: { origin: "b", chain: ["b", "c"], hops: 2 },
      event: { kitefedorigin: "b", kitefedchain: '["b","c"]', kitefedhops: 2 },
      arrivals: [
        { at: "2026-04-14T10:20:30.000Z", kind: "duplicate", via_peer_id: peer.id, chain: ["b", "x", "c"], hops: 3 },
        { at: "2026-04-14T10:21:00.000Z", kind: "duplicate", via_peer_id: null, origin: null, chain: [], hops: 0 },
      ],
    });
  });

  it.each([
    ["0", 400],
    ["x", 400],
    ["77", 404],
    ["6", 404],
    ["1e3", 404],
  ])("answers %s with %i", async (seq, status) => {
    expect((await api.call("GET", `/api/federation/events/${seq}`)).status).toBe(status);
  });
});
