import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, range, StreamHub } from "./fixture.ts";

let hub: StreamHub;

beforeEach(async () => {
  hub = await StreamHub.start();
});
afterEach(() => hub.close());

describe("while the database is away", () => {
  it("a listener with a cursor is asked to come again, and one without is served live", async () => {
    hub.flaky.down = true;
    const named = hub.open({ client_id: "named" });
    expect(await named.closed).toBe(1013);
    expect(named.frames).toEqual([{ type: "error", code: 1013, message: expect.stringContaining("connect again") }]);
    const nameless = await hub.listener();
    hub.flaky.down = false;
    await hub.append({});
    await nameless.untilSeq(hub.tail.seq);
  });

  it("a replay ends with 1013 and skips nothing", async () => {
    (await hub.listener({ client_id: "replaying" })).socket.terminate();
    await hub.appendMany(1_200);
    await hub.restart();
    let pages = 0;
    hub.flaky.before = (name) => {
      if (name === "event-window" && ++pages === 2) hub.flaky.down = true;
    };
    const cut = hub.open({ client_id: "replaying" });
    expect(await cut.closed).toBe(1013);
    expect(cut.seqs).toEqual(range(1, 500));
    expect(cut.frames.at(-1)).toMatchObject({ type: "error", code: 1013 });

    hub.flaky.down = false;
    const again = await hub.listener({ client_id: "replaying" });
    await again.untilSeq(1_200);
    expect(again.seqs).toEqual(range(1, 1_200));
  });

  it("a replay whose connection to it was killed ends the same way", async () => {
    (await hub.listener({ client_id: "killed" })).socket.terminate();
    await hub.appendMany(1_200);
    await hub.restart();
    const locker = new pg.Client(hub.db.config);
    await locker.connect();
    let pages = 0;
    hub.flaky.before = async (name) => {
      if (name !== "event-window" || ++pages !== 2) return;
      await locker.query("BEGIN");
      await locker.query("LOCK TABLE segments");
    };
    const cut = hub.open({ client_id: "killed" });
    await eventually(async () => {
      const { rows } = await locker.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    expect(await cut.closed).toBe(1013);
    await locker.end();
    const again = await hub.listener({ client_id: "killed" });
    await again.untilSeq(1_200);
    expect(again.seqs).toEqual(range(1, 1_200));
  });

  it("a live listener is not disturbed", async () => {
    const listener = await hub.listener({ client_id: "live" });
    hub.flaky.down = true;
    await hub.append({});
    await listener.untilSeq(1);
    listener.ack(1);
    await listener.settled();
    hub.flaky.down = false;
    await hub.stream.stop();
    expect(await hub.cursor("live")).toBe(1);
  });
});
