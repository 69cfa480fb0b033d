import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiUnderTest, createApiUnderTest } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());
beforeEach(() => {
  api.replays.jobs.length = 0;
  api.replays.counted.length = 0;
});

const URL = "/api/federation/replays";
const request = { filter: { state: "dead", type: "stripe.*" }, targets: "peers", routing: "now", id: "new" };

describe("replay jobs", () => {
  it("are counted first with dry_run, and not made then", async () => {
    const { status, body } = await api.call("POST", URL, { body: { ...request, dry_run: true } });
    expect([status, body]).toEqual([200, { count: 42, production: [] }]);
    expect(api.replays.counted).toEqual([request]);
    expect(api.replays.jobs).toEqual([]);
  });

  it("are made, listed newest first, shown and cancelled", async () => {
    const made = await api.call("POST", URL, { body: request });
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({ state: "queued", total: 42, done: 0, skipped: 0, request, finished_at: null });
    const plain = { filter: { entry_ids: ["1-1-0"] }, targets: "both" };
    const other = { ...request, filter: { seqs: [4, 5], reason: "hop_limit" } };
    const dry = await api.call("POST", URL, { body: { ...other, dry_run: true } });
    expect(dry.status).toBe(200);
    expect(api.replays.counted.at(-1)).toEqual(other);
    const second = await api.call("POST", URL, { body: plain });
    expect(second.body["request"]).toEqual({ ...plain, routing: "then", id: "same" });

    const first = await api.call("GET", `${URL}?limit=1`, { key: api.keys.read });
    expect(first.body["items"]).toEqual([second.body]);
    const rest = await api.call("GET", `${URL}?limit=1&cursor=${first.body["next_cursor"]}`);
    expect(rest.body).toEqual({ items: [made.body], next_cursor: null });

    const url = `${URL}/${made.body["id"]}`;
    expect((await api.call("GET", url)).body).toEqual(made.body);
    expect((await api.call("POST", `${url}/cancel`)).body).toMatchObject({
      state: "cancelled",
      finished_at: "2026-04-14T12:00:00.000Z",
    });
  });

  it("of other teams are not there", async () => {
    const { body: job } = await api.call("POST", URL, { body: request });
    const options = { key: api.keys.other };
    expect((await api.call("GET", `${URL}/${job["id"]}`, options)).status).toBe(404);
    expect((await api.call("POST", `${URL}/${job["id"]}/cancel`, options)).status).toBe(404);
    expect((await api.call("GET", URL, options)).body["items"]).toEqual([]);
  });

  it("need the admin permission to be made", async () => {
    expect((await api.call("POST", URL, { key: api.keys.write, body: request })).status).toBe(403);
  });

  it.each([
    [{ ...request, filter: {} }, /^body\.filter: must say what to replay/],
    [{ ...request, filter: { peer: "x" } }, /^body\.filter: "peer" cannot be given here/],
    [{ ...request, filter: { state: "pending" } }, /^body\.filter\.state: must be "dead" or/],
    [{ ...request, filter: { since: "yesterday" } }, /^body\.filter\.since: must be a time such as/],
    [{ ...request, filter: { type: "a b" } }, /^body\.filter\.type: must be a glob/],
    [{ ...request, filter: { entry_ids: [] } }, /^body\.filter\.entry_ids: must have at least one item/],
    [{ ...request, filter: { entry_ids: ["7"] } }, /^body\.filter\.entry_ids\[0\]: must be an entry's id/],
    [{ ...request, targets: "everyone" }, /^body\.targets: must be "listeners" or "peers" or "both"/],
    [{ filter: { state: "dead" } }, /^body\.targets: /],
  ])("refuses %j", async (body, sentence) => {
    const answer = await api.call("POST", URL, { body });
    expect(answer.body["error"]).toMatch(sentence);
    expect(answer.status).toBe(400);
  });
});
