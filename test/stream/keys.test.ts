import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePeer } from "../support/peers.ts";
import { makeKey, StreamHub } from "./fixture.ts";

let hub: StreamHub;
const otherKey = makeKey({ id: "other-key", secret: "other-secret" });

beforeAll(async () => {
  hub = await StreamHub.start();
});
afterAll(() => hub.close());
afterEach(() => hub.registry.setKeys(makeKey()));

describe("an open stream", () => {
  it.each([
    ["is revoked", [makeKey({ revokedAt: new Date() }), otherKey], "was revoked"],
    ["is deleted", [otherKey], "no such API key"],
    ["loses its permissions", [makeKey({ permissions: [] }), otherKey], "lacks the permission read"],
  ])("ends with 4001 when its key %s, and those of other keys stay", async (_, keys, message) => {
    hub.registry.setKeys(makeKey(), otherKey);
    const listener = await hub.listener();
    const other = await hub.listener({ token: "other-secret" });
    hub.registry.setKeys(...keys);
    expect(await listener.closed).toBe(4001);
    expect(listener.frames.at(-1)).toEqual({ type: "error", code: 4001, message: expect.stringContaining(message) });
    const [event] = await hub.append({});
    await other.untilSeq(event?.seq ?? 0);
    expect(listener.seqs).toEqual([]);
  });

  it("ends with 4001 when its key expires", async () => {
    hub.registry.setKeys(makeKey({ expiresAt: new Date(Date.now() + 1_000) }));
    const listener = await hub.listener();
    expect(await listener.closed).toBe(4001);
    expect(listener.frames.at(-1)?.message).toContain("expired at");
  });

  it("goes by the expiry its key has now", async () => {
    const listener = await hub.listener();
    hub.registry.setKeys(makeKey({ expiresAt: new Date(Date.now() + 24 * 365 * 3_600_000) }));
    await listener.settled();
    hub.registry.setKeys(makeKey({ expiresAt: new Date(Date.now() + 50) }));
    expect(await listener.closed).toBe(4001);
  });

  it("is asked to come again when the scopes of its key change", async () => {
    const listener = await hub.listener();
    hub.registry.setKeys(makeKey({ scopes: ["type:push"] }));
    expect(await listener.closed).toBe(1013);
    const again = await hub.listener();
    const [, push] = await hub.append({}, { type: "com.github.push" });
    await again.untilSeq(push?.seq ?? 0);
    expect(again.seqs).toEqual([push?.seq]);
  });

  it("stays when other things in the registry change", async () => {
    const listener = await hub.listener();
    hub.registry.setKeys(makeKey({ name: "renamed" }));
    await listener.settled();
    expect(hub.stream.sessions().find((session) => session.keyName === "renamed")).toBeDefined();
  });

  it("is refused when its key is revoked during the handshake", async () => {
    hub.flaky.before = (name) => {
      if (name === "open-cursor") hub.registry.setKeys(makeKey({ revokedAt: new Date() }));
    };
    const listener = hub.open({ client_id: "late-revoked" });
    expect(await listener.closed).toBe(4001);
    hub.flaky.before = () => undefined;
  });
});

describe("a key that may only follow", () => {
  const handed = (secret: string) => makeKey({ secret, permissions: ["stream"] });

  it("neither moves the cursor of a listener whose client id it knows, nor takes the name before it comes", async () => {
    hub.registry.setKeys(makeKey(), handed("handed"), handed("another"));
    const ana = await hub.listener({ client_id: "ana" });
    const [first] = await hub.append({});
    const seq = first?.seq ?? 0;
    await ana.untilSeq(seq);
    for (const name of ["ana", "bob"]) {
      const guest = await hub.listener({ token: "handed", client_id: name });
      expect(guest.frames[0]).toMatchObject({ type: "connected", client_id: name });
      const [last] = await hub.appendMany(1);
      await guest.untilSeq(last?.seq ?? 0);
      guest.ack(last?.seq ?? 0);
      await guest.settled();
      guest.socket.close();
      await guest.closed;
    }
    // What the guest acknowledged stays owed to those whose names it used.
    expect(await hub.cursor("ana")).toBe(seq - 1);
    expect(await hub.cursor("bob")).toBeNull();
    const missed = await hub.append({});
    const bob = await hub.listener({ client_id: "bob" });
    await bob.settled();
    expect(bob.seqs).toEqual([]);
    // It goes on from its own, and another such key has others.
    const again = await hub.listener({ token: "handed", client_id: "bob" });
    await again.untilSeq(missed[0]?.seq ?? 0);
    const other = await hub.listener({ token: "another", client_id: "bob" });
    await other.settled();
    expect(other.seqs).toEqual([]);
  });

  it("that was handed over begins where the log stood then, whenever it first comes", async () => {
    const [first] = await hub.appendMany(3);
    hub.registry.peer = makePeer(1, "https://b");
    hub.registry.setKeys({ ...handed("handed"), peer: 1, fromSeq: first?.seq ?? 0 });
    const late = await hub.listener({ token: "handed", client_id: "late" });
    await late.untilSeq(hub.tail.seq);
    expect(late.seqs).toEqual([hub.tail.seq - 1, hub.tail.seq]);
  });

  it("shows nothing before the peer is there that a pairing hands it to, and is asked to come again", async () => {
    const [first] = await hub.appendMany(1);
    hub.registry.setKeys({ ...handed("handed"), fromSeq: (first?.seq ?? 1) - 1 });
    const early = hub.open({ token: "handed", client_id: "early" });
    expect(await early.closed).toBe(1013);
    expect(early.frames).toEqual([
      { type: "error", code: 1013, message: expect.stringContaining("still being finished here; connect again") },
    ]);
  });
});
