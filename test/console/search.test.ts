import { describe, expect, test } from "vitest";
import { collect } from "../search/search-fixture.ts";
import { openConsoleUnderTest, TRANSPORTS } from "./console-under-test.ts";

describe.each(TRANSPORTS)("over %s", (_name, connect) => {
  test("the whole history is searched, counted and purged", async () => {
    const hub = await openConsoleUnderTest();
    const { client } = await connect(hub);
    for (const amount of [1, 20, 300])
      await client.events.send({ source: "demo", format: "json", body: JSON.stringify({ amount }) });

    const found = await collect(await client.events.search({ filter: "data.amount:>10" }));
    expect(found.flatMap(({ rows }) => rows.map(({ seq }) => seq))).toEqual([3, 2]);
    expect(found.at(-1)?.state).toBe("done");
    const facets = await collect(await client.events.facets({ filter: "data.amount:>10", fields: ["hook"] }));
    expect(facets.at(-1)).toMatchObject({ fields: { hook: [{ value: "demo", count: 2 }] }, matched: 2, state: "done" });
    await expect(client.events.search({ filter: "hosp:2" }).then(collect)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("Did you mean hops?"),
    });

    const purge = { filter: "data.amount:>100", before: null };
    expect(await client.events.purgeCount(purge)).toEqual({ count: 1, owed: 0, refused: 0 });
    expect((await collect(await client.events.purge(purge))).at(-1)).toMatchObject({ purged: 1, done: true });
    expect(await client.events.get({ seq: 3 })).toMatchObject({ dataCut: true, headers: null });
    expect((await client.events.get({ seq: 2 })).dataCut).toBe(false);
  });

  test("settings are changed while the hub runs, and the storage is shown", async () => {
    const hub = await openConsoleUnderTest();
    const { client } = await connect(hub);
    await hub.client.post({ id: "a" });
    const changed = await client.settings.update({ retentionDays: 2 });
    expect(await client.settings.get()).toEqual(changed);
    expect(changed).toMatchObject({ retentionDays: 2, keepPayload: "all" });
    await expect(client.settings.update({ retentionDays: 200 })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    // The only segment is open, and only sealed ones go.
    const limits = { retentionDays: 0, retentionMb: 1 };
    expect(await client.settings.preview(limits)).toEqual({ segments: 0, events: 0, bytes: 0, held: 0 });
    const storage = await client.settings.storage();
    expect(storage).toMatchObject({ events: 1, oldestSeq: 1, head: 1, segments: [{ segment: 1, firstSeq: 1 }] });
    expect(storage.databaseBytes).toBeGreaterThan(0);
    expect(storage.tables.find(({ name }) => name === "events")?.bytes).toBeGreaterThan(0);
  });
});
