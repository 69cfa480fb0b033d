import { describe, expect, test } from "vitest";
import { isProbe, readReplayMark } from "../../../src/main/hub/federation/inbound/credentials.ts";
import { replayMark } from "../../../src/main/hub/federation/marks.ts";
import { fakeHub, fakePeer, push, sign, TOKEN, wireEvent } from "./fake-hub.ts";

describe("who may push events", () => {
  test("the federation vector of kite-wire.md 15 is accepted, byte for byte", async () => {
    const body =
      '{"specversion":"1.0","id":"evt_abc123","source":"https://a.kite.example.com","type":"com.stripe.payment_intent.succeeded","kitefedorigin":"instance-a","kitefedchain":"[\\"instance-a\\"]","kitefedhops":1,"data":{}}';
    expect(Buffer.byteLength(body)).toBe(211);
    const hub = fakeHub();
    const signature = "sha256=35ae84dc0391462dc8390b809a7ac25f13aaf65067b6ceb3df2a1a29e22c7743";
    const answer = await push(hub, body, { authorization: "Bearer fed_test_token", "x-kite-signature": signature });
    expect(answer).toEqual({
      status: 202,
      headers: { "x-kite-accepts": "batch, probe", "x-kite-instance": "me" },
      body: { id: "evt_abc123", created_at: "2026-04-14T10:00:00.000Z" },
    });
    expect(hub.acceptor.accepted).toMatchObject([
      {
        id: "evt_abc123",
        source: "https://a.kite.example.com",
        type: "com.stripe.payment_intent.succeeded",
        team: "team-1",
        via: 1,
        hook: null,
        data: "{}",
        copy: { origin: "instance-a", chain: '["instance-a"]', hops: 1 },
        integrity: null,
        verified: true,
        identity: "team-1\u0000https://a.kite.example.com\u0000evt_abc123",
      },
    ]);
    expect(hub.refusals).toEqual([]);
  });

  test.each([
    ["no token", { authorization: undefined }, "unauthorized", /Authorization: Bearer/],
    ["another scheme", { authorization: `Basic ${TOKEN}` }, "unauthorized", /Authorization: Bearer/],
    ["an unknown token", { authorization: "Bearer nobody" }, "unauthorized", /unknown here/],
    ["no signature", { "x-kite-signature": undefined }, "bad_signature", /X-Kite-Signature is missing/],
    ["a malformed signature", { "x-kite-signature": "sha256=abc" }, "bad_signature", /does not fit/],
    ["a signature without its scheme", { "x-kite-signature": sign("x").slice(7) }, "bad_signature", /does not fit/],
    ["a signature of another body", { "x-kite-signature": sign("another body") }, "bad_signature", /does not fit/],
    [
      "a signature with another token",
      { "x-kite-signature": sign(JSON.stringify(wireEvent()), "other") },
      "bad_signature",
      /does not fit/,
    ],
  ])("%s is refused with 401 and recorded", async (_name, headers, reason, message) => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent(), headers);
    expect(answer.status).toBe(401);
    expect(answer.body.error).toMatch(message);
    expect(answer.headers).toMatchObject({ "x-kite-accepts": "batch, probe", "x-kite-instance": "me" });
    expect(hub.acceptor.accepted).toEqual([]);
    expect(hub.refusals).toMatchObject([{ reason, route: "/hooks/team-1/kite", team: "team-1" }]);
    expect(JSON.stringify(hub.refusals)).not.toContain(TOKEN);
  });

  test("a signature in upper case is the same signature", async () => {
    const body = JSON.stringify(wireEvent());
    const signature = `sha256=${sign(body).slice(7).toUpperCase()}`;
    expect((await push(fakeHub(), body, { "x-kite-signature": signature })).status).toBe(202);
  });

  test("an unknown team answers like an unknown token, and its name is not kept", async () => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent(), {}, "no-such-team");
    expect(answer.status).toBe(401);
    expect(hub.refusals).toMatchObject([{ reason: "unauthorized", team: null, peer: null }]);
  });

  test("a revoked peer is told so, once its signature fits", async () => {
    const hub = fakeHub([fakePeer({ status: "revoked" })]);
    const answer = await push(hub, wireEvent());
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatch(/revoked/);
    expect(hub.refusals).toMatchObject([{ reason: "peer_revoked", peer: 1 }]);
    expect((await push(hub, wireEvent(), { "x-kite-signature": sign("other") })).status).toBe(401);
  });

  test("a paused peer may push", async () => {
    const hub = fakeHub([fakePeer({ status: "paused" })]);
    expect((await push(hub, wireEvent())).status).toBe(202);
  });

  describe("with requireBearer off", () => {
    const peers = [
      fakePeer({ no: 1, inboundToken: "other", instanceId: "x" }),
      fakePeer({ no: 2, id: "2", inboundToken: TOKEN }),
    ];
    const credentials = { requireBearer: false };

    test("the signature alone finds the peer", async () => {
      const hub = fakeHub(peers, { credentials });
      expect((await push(hub, wireEvent(), { authorization: undefined })).status).toBe(202);
      expect(hub.acceptor.accepted).toMatchObject([{ via: 2, verified: true }]);
    });

    test("a signature that fits nobody is refused", async () => {
      const hub = fakeHub(peers, { credentials });
      const answer = await push(hub, wireEvent(), { authorization: undefined, "x-kite-signature": sign("other") });
      expect(answer.status).toBe(401);
      expect(hub.refusals).toMatchObject([{ reason: "bad_signature" }]);
    });

    test("a Bearer token alone is not enough", async () => {
      const hub = fakeHub(peers, { credentials });
      expect((await push(hub, wireEvent(), { "x-kite-signature": undefined })).status).toBe(401);
      const neither = { authorization: undefined, "x-kite-signature": undefined };
      expect((await push(hub, wireEvent(), neither)).status).toBe(401);
    });
  });

  describe("with requireSignature off", () => {
    const credentials = { requireSignature: false };

    test("the Bearer token is enough, and the event is not marked as verified", async () => {
      const hub = fakeHub([fakePeer()], { credentials });
      expect((await push(hub, wireEvent(), { "x-kite-signature": undefined })).status).toBe(202);
      expect(hub.acceptor.accepted).toMatchObject([{ verified: false }]);
    });

    test("a signature that is there and wrong is refused all the same", async () => {
      const hub = fakeHub([fakePeer()], { credentials });
      expect((await push(hub, wireEvent(), { "x-kite-signature": sign("other") })).status).toBe(401);
    });
  });

  describe("a mark on a request", () => {
    const body = sign("the body");
    const replay = (over: string) => ({ "x-kite-replay": "17-2-0", "x-kite-replay-signature": sign(over) });
    const probe = (over: string) => ({ "x-kite-probe": "nonce", "x-kite-probe-signature": sign(over) });

    test("for a replay is good for one body, and for none that is not signed", () => {
      expect(readReplayMark(replay(replayMark("17-2-0", body)), TOKEN, body)).toBe("17-2-0");
      expect(readReplayMark(replay(replayMark("17-2-0", body)), TOKEN, sign("another"))).toBe("invalid");
      expect(readReplayMark(replay(replayMark("17-2-0", body)), TOKEN, null)).toBe("invalid");
      expect(readReplayMark({}, TOKEN, body)).toBeNull();
    });

    test("for a probe as well: no event is passed off as one", () => {
      expect(isProbe(probe(`probe:nonce:${body}`), TOKEN, body)).toBe(true);
      for (const over of ["probe:nonce:", `probe:other:${body}`, `probe:nonce:${sign("another")}`])
        expect(isProbe(probe(over), TOKEN, body)).toBe(false);
      expect(isProbe(probe(`probe:nonce:${body}`), "other", body)).toBe(false);
      expect(isProbe(probe("probe:nonce:null"), TOKEN, null)).toBe(false);
    });
  });

  test("an instance id that no header can carry is left out of the answers", async () => {
    const { fakeRegistry } = await import("./fake-hub.ts");
    const hub = fakeHub([fakePeer()], { registry: fakeRegistry([fakePeer()], "hub für Ü") });
    expect((await push(hub, wireEvent())).headers).toEqual({ "x-kite-accepts": "batch, probe" });
  });
});
