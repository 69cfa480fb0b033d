import { describe, expect, test } from "vitest";
import { openConsoleUnderTest, TRANSPORTS } from "./console-under-test.ts";

describe.each(TRANSPORTS)("over %s", (_name, connect) => {
  test("the hub says who it is", async () => {
    const hub = await openConsoleUnderTest();
    const { client } = await connect(hub);
    const about = await client.hub.about();
    expect(about).toMatchObject({ instanceId: "here", team: "team", url: hub.url, database: "embedded" });
    expect(await client.hubs.list()).toEqual([
      { id: "local", name: "here", url: hub.url, environment: "local", instanceId: "here" },
    ]);
    const feed = await client.events.stream({});
    const first = await feed.next();
    expect(first.value).toMatchObject({ kind: "snapshot", rows: [], head: 0 });
    await hub.client.post({ id: "a" });
    const second = await feed.next();
    expect(second.value).toMatchObject({ kind: "rows", rows: [{ seq: 1, id: "a" }] });
    await feed.return?.();
  });
});
