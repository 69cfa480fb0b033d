import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Lab } from "../../src/main/lab/index.ts";
import { openTestLab } from "../lab/lab-fixture.ts";

const CHAIN = {
  name: "chain",
  lesson: "",
  topology: { shape: "chain", instances: ["A", "B", "C", "D"], maxHops: 2 },
  steps: [],
  expect: [],
};

const MapAnswer = z.object({
  map: z.object({
    instances: z.array(z.object({ key: z.string(), beyond: z.string() })),
    links: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        policy: z.looseObject({ max_hops: z.number(), scopes: z.array(z.string()) }).nullable(),
        known: z.array(z.object({ by: z.string(), teller: z.string().nullable(), via: z.string().nullable() })),
      }),
    ),
  }),
});

async function mapOf(lab: Lab, key: string) {
  const { hub } = lab.hubs.hub(key);
  const response = await fetch(`${hub.url}/api/federation/map`, {
    headers: { authorization: `Bearer ${hub.credentials.adminKey}` },
  });
  const { instances, links } = MapAnswer.parse(await response.json()).map;
  return {
    instances: instances.map(({ key: one, beyond }) => `${one} ${beyond}`).sort(),
    links: links.filter(({ policy }) => (policy?.scopes.length ?? 0) > 0),
  };
}

/** A question as hub `from` of the lab asks it of `to`, over their link. */
async function ask(lab: Lab, from: string, to: string, change: { readonly signature?: string } = {}) {
  const { hub } = lab.hubs.hub(from);
  const peer = hub.registry.peerById(lab.hubs.peerOf(`${from}>${to}`));
  const body = JSON.stringify({ asking: [from], deadline_ms: 2_000 });
  const mac = createHmac("sha256", peer?.outboundToken ?? "")
    .update(body)
    .digest("hex");
  return fetch(`${peer?.hookUrl}/links`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${peer?.outboundToken}`,
      "x-kite-signature": change.signature ?? `sha256=${mac}`,
    },
    body,
  });
}

describe("the map of a chain of hubs", () => {
  test("reaches to its end: each hub passes on what is told behind it", async () => {
    const lab = await openTestLab(CHAIN);
    const { instances, links } = await mapOf(lab, "A");
    expect(instances).toEqual(["A known", "B known", "C known", "D known"]);
    expect(links.map(({ from, to, policy, known }) => [from, to, policy?.max_hops, known])).toEqual([
      ["A", "B", 2, [{ by: "own", teller: null, via: null }]],
      ["B", "C", 2, [{ by: "told", teller: "B", via: null }]],
      ["C", "D", 2, [{ by: "told", teller: "C", via: "B" }]],
    ]);
  });

  test("ends at a hub whose owner does not let peers ask: unknown beyond", async () => {
    const lab = await openTestLab(CHAIN);
    await lab.hubs.hub("C").client.letPeersAsk(false);
    const { instances, links } = await mapOf(lab, "A");
    expect(instances).toEqual(["A known", "B known", "C unknown"]);
    expect(links.map(({ from, to }) => `${from}>${to}`)).toEqual(["A>B", "B>C"]);
    expect((await ask(lab, "B", "C")).status).toBe(404);
  });

  test("is told to peers alone, and neither tokens nor addresses are in it", async () => {
    const lab = await openTestLab(CHAIN);
    expect((await ask(lab, "B", "C", { signature: `sha256=${"0".repeat(64)}` })).status).toBe(401);
    const answer = await ask(lab, "B", "C");
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain('"instance_id":"D"');
    for (const { hub } of lab.hubs.hubs) {
      expect(text).not.toContain(hub.credentials.adminKey);
      for (const { outboundToken, inboundToken } of hub.registry.peersOf("lab"))
        for (const token of [outboundToken, inboundToken]) expect(text).not.toContain(token);
    }
    expect(text).not.toMatch(/127\.0\.0\.1|https?:/);
  });

  test("of a full mesh is asked for in a bounded number of requests, and complete", async () => {
    const lab = await openTestLab({ ...CHAIN, topology: { shape: "mesh", instances: 5 } });
    const { instances, links } = await mapOf(lab, "A");
    expect(instances).toHaveLength(5);
    expect(instances.every((one) => one.endsWith(" known"))).toBe(true);
    expect(links).toHaveLength(20);
  });
});
