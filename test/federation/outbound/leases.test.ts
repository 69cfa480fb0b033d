import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Database } from "../../../src/main/hub/store/database.ts";
import { LEASE_MS } from "../../../src/main/hub/store/outbox.ts";
import { FakePeer, takesBatches } from "./fake-peer.ts";
import { DatabaseGate, makePeer, Stage, until } from "./stage.ts";

let peer: FakePeer;
let stage: Stage;

beforeEach(async () => {
  peer = await FakePeer.start();
});

afterEach(async () => {
  await stage?.close();
  await peer.stop();
});

const held = (hub: number, ms: number) => ({
  state: "sending",
  leased_by: hub,
  leased_until: new Date(stage.now + ms).toISOString(),
});

describe("leases", () => {
  test("of a dead hub are taken over at the start, before they have run out", async () => {
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(20), held(7, LEASE_MS));
    stage.deadHubs = [7];
    await stage.start({ hubNo: 8 });
    await stage.settled(0, 20);
    expect(peer.ids).toHaveLength(20);
    expect((await stage.done()).every(({ tries }) => tries === 1)).toBe(true);
  });

  test("of a living hub are left alone until they run out", async () => {
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(3), held(7, LEASE_MS));
    const hub = await stage.start();
    for (let poll = 0; poll < 20; poll++) await hub.poll();
    expect(peer.received).toEqual([]);
    stage.now += LEASE_MS + 1;
    await stage.settled(0, 3);
  });

  test("of this hub that it has lost sight of run out too, a while later", async () => {
    stage = await Stage.open([makePeer(1, peer.url)]);
    // As after a commit whose answer was lost.
    await stage.owe(1, await stage.events(3), held(1, LEASE_MS));
    const hub = await stage.start();
    stage.now += LEASE_MS + 1;
    for (let poll = 0; poll < 20; poll++) await hub.poll();
    expect(peer.received).toEqual([]);
    stage.now += LEASE_MS;
    await stage.settled(0, 3);
  });

  test("are prolonged while a slow peer makes entries wait in memory", async () => {
    const answers: (() => void)[] = [];
    peer.handler = () => new Promise((resolve) => answers.push(() => resolve({ status: 202 })));
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(50));
    const hub = await stage.start();
    await until(() => answers.length === 32, "32 on the wire");
    for (let step = 0; step < 4; step++) {
      stage.now += LEASE_MS * 0.6;
      await hub.poll();
    }
    const { rows } = await stage.sql.query(
      "SELECT count(*)::int AS n, bool_and(leased_until > $1) AS held FROM outbox WHERE state = 'sending'",
      [new Date(stage.now)],
    );
    expect(rows).toEqual([{ n: 50, held: true }]);
    // A second hub finds nothing that it could take.
    await stage.start({ hubNo: 2 });
    peer.handler = () => ({ status: 202 });
    for (const answer of answers) answer();
    await stage.settled(0, 50);
    expect(peer.ids).toHaveLength(50);
  });
});

describe("a hub that stops", () => {
  test("lets what is in flight end, and gives back the rest without burning an attempt", async () => {
    const answers: (() => void)[] = [];
    peer.handler = () => new Promise((resolve) => answers.push(() => resolve({ status: 202 })));
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(100));
    const hub = await stage.start();
    await until(() => answers.length === 32, "32 on the wire");
    const stopped = hub.stop(10_000);
    for (const answer of answers) answer();
    await stopped;
    expect((await stage.done()).length).toBe(32);
    const owed = await stage.owed();
    expect(owed).toHaveLength(68);
    expect(owed.every((row) => row.state === "pending" && row.tries === 0 && row.leased_by === null)).toBe(true);
    expect(hub.mayLease(1, 1)).toBe(false);
  });

  test("breaks off what takes too long, without burning an attempt", async () => {
    peer.handler = () => "hang";
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(40));
    const hub = await stage.start();
    await until(() => peer.waiting === 32, "32 on the wire");
    await hub.stop(10);
    expect((await stage.owed()).every((row) => row.state === "pending" && row.tries === 0)).toBe(true);
    expect(await stage.attempts()).toEqual([]);
  });

  test("and one that starts after it deliver everything", async () => {
    peer.handler = takesBatches;
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(1_000));
    const first = await stage.start({ hubNo: 1 });
    await until(() => peer.received.length > 0, "the first request");
    await first.stop();
    expect((await stage.owed()).every(({ state }) => state === "pending")).toBe(true);
    await stage.start({ hubNo: 2 });
    await until(async () => (await stage.done()).length === 1_000, "the rest");
    expect(peer.ids).toHaveLength(1_000);
    expect(new Set(peer.ids).size).toBe(1_000);
  });
});

describe("two hubs on one database", () => {
  test("share a backlog, and send nothing twice", async () => {
    peer.handler = takesBatches;
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(3_000));
    await Promise.all([stage.start({ hubNo: 1 }), stage.start({ hubNo: 2 })]);
    await stage.settled(0, 3_000);
    expect(peer.ids).toHaveLength(3_000);
    expect(new Set(peer.ids).size).toBe(3_000);
    expect(await stage.counts()).toMatchObject({ "1 delivered": 3_000 });
  });
});

describe("a database that is away", () => {
  test("keeps no outcome from being written later, and lanes go on by themselves", async () => {
    const answers: (() => void)[] = [];
    peer.handler = () => new Promise((resolve) => answers.push(() => resolve({ status: 202 })));
    stage = await Stage.open([makePeer(1, peer.url)], { own: true });
    const gate = await DatabaseGate.open(stage.database.connection);
    const db = new Database({ ...stage.database.connection, host: "127.0.0.1", port: gate.port }, 2, () => undefined);
    try {
      await stage.owe(1, await stage.events(32));
      const hub = await stage.start({ db });
      await until(() => answers.length === 32, "32 on the wire");
      await gate.cut();
      for (const answer of answers) answer();
      await until(() => hub.snapshot()[0]?.inFlight === 0, "the answers");
      expect(hub.snapshot()[0]).toMatchObject({ unwritten: 32 });
      await until(() => stage.errors.length > 0, "an error to be told");
      expect((await stage.owed()).every(({ state }) => state === "sending")).toBe(true);
      peer.handler = () => ({ status: 202 });
      await stage.owe(1, await stage.events(5, {}, 33));

      await gate.restore();
      await stage.settled(0, 37);
      // Nothing was sent twice, and the outcome is the one that the peer gave.
      expect(peer.ids).toHaveLength(37);
      expect((await stage.done()).every(({ state, tries }) => state === "delivered" && tries === 1)).toBe(true);
      await until(() => hub.snapshot()[0]?.unwritten === 0, "the lane to have room again");
      await hub.stop(50);
    } finally {
      await gate.cut();
      await db.close();
    }
  });

  test("does not keep a hub from stopping", async () => {
    stage = await Stage.open([makePeer(1, peer.url)], { own: true });
    const gate = await DatabaseGate.open(stage.database.connection);
    const db = new Database({ ...stage.database.connection, host: "127.0.0.1", port: gate.port }, 2, () => undefined);
    peer.handler = () => "hang";
    try {
      await stage.owe(1, await stage.events(40));
      const hub = await stage.start({ db });
      await until(() => peer.waiting === 32, "32 on the wire");
      await gate.cut();
      await hub.stop(50);
    } finally {
      await db.close();
    }
  });
});
