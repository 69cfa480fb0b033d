import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Lab } from "../../src/main/lab/index.ts";
import { explain, mapOfTopology } from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { openTestLab } from "../lab/lab-fixture.ts";

const Graph = z.object({
  instances: z.array(z.object({ id: z.string(), hops: z.number(), copies: z.number(), known: z.boolean() })),
  steps: z.array(
    z.looseObject({
      number: z.string(),
      from: z.string(),
      to: z.string(),
      reason: z.string().nullable(),
      beyond: z.string(),
      holds: z.boolean().nullable(),
    }),
  ),
});

async function call(lab: Lab, key: string, method: "POST", path: string, body: object): Promise<unknown> {
  const { hub } = lab.hubs.hub(key);
  const response = await fetch(`${hub.url}/api/federation/${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.credentials.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

const DIAMOND = {
  name: "diamond",
  lesson: "",
  topology: {
    instances: [{ key: "A" }, { key: "B" }, { key: "C" }, { key: "D" }, { key: "E" }],
    links: [
      { from: "A", to: "B" },
      { from: "A", to: "C" },
      { from: "B", to: "D" },
      { from: "C", to: "D", scopes: ["github.*"] },
      { from: "D", to: "A" },
      { from: "D", to: "E", maxHops: 2 },
    ],
  },
  steps: [],
  expect: [],
};
const event = { type: "com.github.push", data_bytes: 10 };

describe("a live probe", () => {
  test("finds on real hubs what Explain predicts, and delivers nothing", async () => {
    const lab = await openTestLab(DIAMOND);
    const graph = Graph.parse(await call(lab, "A", "POST", "probe", { event }));
    const predicted = explain(
      mapOfTopology(lab.hubs.topology, 0),
      { type: event.type, dataBytes: event.data_bytes, provenance: LOCAL_PROVENANCE },
      "A",
    );
    expect(graph.instances.map(({ id, hops, copies }) => [id, hops, copies]).sort()).toEqual(
      predicted.instances.map(({ key, hops, received }) => [key, hops, received]).sort(),
    );
    const toE = graph.steps.filter(({ from, to }) => from === "D" && to === "E");
    expect(toE.map(({ number, reason }) => [number.split(".").length, reason])).toEqual([
      [4, "hop_limit"],
      [4, "hop_limit"],
    ]);
    for (const { client } of lab.hubs.hubs) expect(await client.events()).toEqual([]);
  });

  test("ends at a hub whose owner has not allowed it, and at one that is down: unknown beyond", async () => {
    const lab = await openTestLab(DIAMOND);
    for (const key of "BDE") await lab.hubs.hub(key).client.letPeersAsk(false);
    lab.hubs.proxy("C>D").setFault({ kind: "down" });
    const graph = Graph.parse(await call(lab, "A", "POST", "probe", { event }));
    const ends = new Map(graph.steps.map(({ from, to, beyond }) => [`${from}>${to}`, beyond]));
    expect([ends.get("A>B"), ends.get("A>C"), ends.get("C>D")]).toEqual(["not_offered", "answered", "unreachable"]);
    expect(graph.instances.find(({ id }) => id === "B")).toMatchObject({ known: false, hops: 1 });
  });

  test("of a stored event says who has it", async () => {
    const lab = await openTestLab({ ...DIAMOND, steps: [{ do: "publish", at: "A" }, { do: "settle" }] });
    await lab.run();
    const graph = Graph.parse(await call(lab, "A", "POST", "probe", { event: { seq: 1 } }));
    expect(graph.steps.filter(({ beyond }) => beyond === "answered").map(({ holds }) => holds)).toContain(true);
  });

  test("is refused to a caller with a wrong key, and to nobody's peer", async () => {
    const lab = await openTestLab({ ...DIAMOND, topology: { shape: "pair", instances: 2 } });
    const url = `${lab.hubs.hub("B").hub.url}/hooks/lab/kite/probe`;
    const answer = await fetch(url, { method: "POST", headers: { authorization: "Bearer nobody" }, body: "{}" });
    expect(answer.status).toBe(401);
    lab.hubs.proxy("A>B").setFault({ kind: "wrong_key" });
    const graph = Graph.parse(await call(lab, "A", "POST", "probe", { event }));
    expect(graph.steps.map(({ beyond }) => beyond)).toEqual(["not_offered"]);
  });
});
