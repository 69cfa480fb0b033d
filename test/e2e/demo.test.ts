import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { EventView } from "../../src/shared/contract/index.ts";
import { clientOf, openSocket } from "../console/console-under-test.ts";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { HubProcess } from "../support/hub-process.ts";
import { until } from "../support/until.ts";

const LONG_MS = 180_000;

test(
  "the demo has something true to show on every screen, and leaves nothing behind",
  async () => {
    const dataDir = await temporaryDataFolder();
    const hub = HubProcess.spawn({ dataDir, flags: ["--demo", "--console"] });
    onTestFinished(async () => {
      await hub.stop();
    });
    const ready = await hub.whenReady();
    const token = new URL(ready.console_url ?? "http://none/").hash.slice("#token=".length);
    const { client } = clientOf(openSocket({ url: ready.url, token }));
    const shows = <T>(what: string, probe: () => Promise<T>) => until(what, probe, 60_000);

    expect((await client.peers.list()).map(({ name }) => name).sort()).toEqual([
      "analytics",
      "production",
      "staging",
      "warehouse",
    ]);
    expect((await client.hubs.list()).map(({ environment }) => environment).sort()).toEqual([
      "local",
      "production",
      "staging",
    ]);

    await shows("the map has all of the ring, the part that others made included", async () => {
      const { map } = await client.explain.map();
      const ways = map.links.map(({ from, to }) => `${from} > ${to}`);
      return ["laptop > staging", "staging > production", "production > laptop"].every((way) => ways.includes(way));
    });
    await shows("events that went round it are named", async () =>
      (await client.loops.list({ since: 0 })).some(
        ({ cycle }) => [...cycle].sort().join() === "laptop,production,staging",
      ),
    );
    const about = (start: string) => async () =>
      (await client.overview.get()).attention.some(({ id }) => id.startsWith(start));
    await shows("dead letters need a hand", about("dead "));
    await shows("a peer is failing", about("failing "));
    const [, ...others] = await shows("there is more than one cause of death", async () => {
      const groups = await client.outbox.deadGroups();
      return groups.some(({ peer }) => peer.name === "warehouse") && [null, ...groups];
    });
    expect(others.every(({ count }) => count > 0)).toBe(true);
    await shows("entries wait for their next try", async () => (await client.overview.get()).totals.owed > 0);

    // What happens to single events: each is found by what the log says of it.
    const anEvent = (what: string, fits: (event: EventView) => boolean) =>
      shows(what, async () => {
        for await (const message of await client.events.stream({ after: null })) {
          if (message.kind !== "snapshot") continue;
          for (const { seq } of message.rows) {
            const event = await client.events.get({ seq });
            if (fits(event)) return event;
          }
          return null;
        }
        return null;
      });
    const limited = await anEvent("a hop limit ends an event", ({ decisions }) =>
      decisions.some(({ reason }) => reason === "hop_limit"),
    );
    expect(limited.hops).toBeGreaterThan(0);
    const twice = await anEvent("an event of the diamond arrives twice", ({ arrivals, via }) =>
      arrivals.some((arrival) => arrival.kind === "duplicate" && arrival.via !== null && via !== null),
    );
    expect(twice.chain.length).toBeGreaterThan(0);
    await anEvent("agents talk to each other", ({ agentTo }) => agentTo !== null);

    const refused = (reason: string) => async () =>
      (await client.refusals.list({ reason, limit: 1, cursor: null })).items.length > 0;
    await shows("a forged signature is refused", refused("bad_signature"));
    await shows("a listener lags", async () =>
      (await client.listeners.list()).some(({ clientId, behind }) => clientId === "deploy-agent" && behind > 0),
    );

    expect((await hub.stop()).code).toBe(0);
    expect(existsSync(ready.data_dir)).toBe(false);
  },
  LONG_MS,
);
