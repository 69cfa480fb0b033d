import { describe, expect, it } from "vitest";
import type { CreatedKey } from "../../src/main/hub/access/index.ts";
import { DeviceLogins } from "../../src/main/hub/login/index.ts";

const ASKER = { address: "127.0.0.1", userAgent: "kite", local: true };

function logins() {
  const clock = { now: 1_800_000_000_000 };
  const made: string[] = [];
  const state = { fails: false };
  const keys = {
    create: async (_team: string, { permissions }: { permissions: readonly string[] }): Promise<CreatedKey> => {
      if (state.fails) throw new Error("the database is away");
      made.push(permissions.join());
      return { token: `kite_key_${made.length}`, key: {} as CreatedKey["key"] };
    },
  };
  return { clock, made, state, logins: new DeviceLogins({ keys, team: "team", now: () => clock.now }) };
}

describe("a login", () => {
  it("waits, is approved, and gives its key out once", async () => {
    const { logins: l, clock, made } = logins();
    const { deviceCode, userCode } = l.begin(ASKER);
    expect(userCode).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    expect(await l.poll(deviceCode)).toEqual({ status: 400, body: { error: "authorization_pending" } });
    expect(l.pending()).toMatchObject([{ userCode, asker: ASKER }]);
    expect(l.approve(userCode.toLowerCase().replace("-", " "), "write")).toBe(true);
    expect([l.pending(), made]).toEqual([[], []]);
    clock.now += 2_000;
    const [first, second] = await Promise.all([l.poll(deviceCode), l.poll(deviceCode)]);
    expect(first).toEqual({ status: 200, body: { api_key: "kite_key_1", team_id: "team" } });
    expect(second?.status).toBe(400);
    clock.now += 2_000;
    expect(await l.poll(deviceCode)).toEqual({ status: 400, body: { error: "expired_token" } });
    expect(made).toEqual(["write"]);
  });

  it("that is asked after too often is told to slow down", async () => {
    const { logins: l, clock } = logins();
    const { deviceCode } = l.begin(ASKER);
    await l.poll(deviceCode);
    clock.now += 500;
    expect(await l.poll(deviceCode)).toEqual({ status: 400, body: { error: "slow_down" } });
    clock.now += 2_000;
    expect(await l.poll(deviceCode)).toEqual({ status: 400, body: { error: "authorization_pending" } });
  });

  it("that is denied says so once", async () => {
    const { logins: l } = logins();
    const { deviceCode, userCode } = l.begin(ASKER);
    expect(l.deny(userCode)).toBe(true);
    expect(await l.poll(deviceCode)).toEqual({ status: 403, body: { error: "access_denied" } });
    expect(l.approve(userCode, "admin")).toBe(false);
  });

  it("expires after 15 minutes, approved or not", async () => {
    const { logins: l, clock, made } = logins();
    const waiting = l.begin(ASKER);
    const approved = l.begin(ASKER);
    l.approve(approved.userCode, "admin");
    clock.now += 900_000;
    for (const { deviceCode, userCode } of [waiting, approved]) {
      expect(await l.poll(deviceCode)).toEqual({ status: 400, body: { error: "expired_token" } });
      expect(l.find(userCode)).toBeNull();
    }
    expect(made).toEqual([]);
  });

  it("stays approved when its key could not be made", async () => {
    const { logins: l, state, clock } = logins();
    const { deviceCode, userCode } = l.begin(ASKER);
    l.approve(userCode, "read");
    state.fails = true;
    await expect(l.poll(deviceCode)).rejects.toThrow("the database is away");
    state.fails = false;
    clock.now += 2_000;
    expect((await l.poll(deviceCode)).status).toBe(200);
  });
});

describe("limits", () => {
  it("ten of one address and fifty in all may wait", () => {
    const { logins: l, clock } = logins();
    for (let i = 0; i < 10; i++) l.begin(ASKER);
    expect(() => l.begin(ASKER)).toThrow(/Too many logins/);
    for (let i = 0; i < 40; i++) l.begin({ ...ASKER, address: `10.0.0.${i}` });
    expect(() => l.begin({ ...ASKER, address: "10.0.1.1" })).toThrow(/Too many logins/);
    clock.now += 900_000;
    expect(l.begin(ASKER).userCode).toBeTruthy();
  });

  it("thirty wrong codes in a minute, then even a right one waits", () => {
    const { logins: l, clock } = logins();
    const { userCode } = l.begin(ASKER);
    for (let i = 0; i < 30; i++) expect(l.find("AAAA-AAAA")).toBeNull();
    expect(() => l.find(userCode)).toThrow(/Too many wrong codes/);
    clock.now += 60_000;
    expect(l.find(userCode)?.userCode).toBe(userCode);
  });
});
