import { expect, test } from "vitest";
import { openRealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";
import { openConsoleUnderTest, overPort } from "./console-under-test.ts";

test("by the console alone: a link is made, opened, compared and confirmed, tested, and the first event comes", async () => {
  const here = await openConsoleUnderTest();
  const there = await openRealHub({ instanceId: "there" });
  const { client } = await overPort(here);
  const { link } = await there.hub.links.pairing.offer("team");
  expect(await client.pairing.preview({ link })).toMatchObject({ instanceId: "there", url: there.hub.url });
  const opened = await client.pairing.open({ link });
  expect(opened).toMatchObject({ state: "comparing", other: { instanceId: "there" } });
  expect(opened.words).toBe((await there.hub.links.pairing.get("team", opened.id)).words);
  await client.pairing.confirm({ id: opened.id, environment: "staging" });
  await there.hub.links.pairing.confirm("team", opened.id);
  const done = await until("it is done here too", async () => {
    const view = await client.pairing.get({ id: opened.id });
    return view.state === "done" ? view : null;
  });
  const peerId = done.peer?.id ?? "";

  const steps: string[] = [];
  for await (const { step, outcome } of await client.links.test({ peerId })) steps.push(`${step} ${outcome}`);
  expect(steps.slice(-2)).toEqual(["round_trip ok", "stream ok"]);

  await there.client.post({ id: "first" });
  await until("the first event is here", async () => (await here.client.events()).length === 1);
  const [shown] = await client.links.list();
  expect(shown).toMatchObject({
    environment: "staging",
    instanceId: "there",
    pull: { phase: "reading", confirmed: true },
  });
  expect(shown?.directions.find(({ direction }) => direction === "pull")).toMatchObject({
    state: "active",
    availability: 1,
  });
  await expect(client.links.get({ peerId: "nobody" })).rejects.toThrow("There is no peer with id nobody.");
});
