import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
