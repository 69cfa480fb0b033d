import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Lab } from "../../src/main/lab/index.ts";
import { openTestLab } from "../lab/lab-fixture.ts";

const RING = {
  name: "ring",
  lesson: "",
  topology: { shape: "ring", instances: ["A", "B", "C"] },
  steps: [{ do: "publish", at: "A", count: 6, type: "com.github.push" }],
  expect: [],
};

/** The debugger's answers by REST, as any program gets them. */
async function ask(
  lab: Lab,
  key: string,
  method: "GET" | "POST" | "PATCH",
  path: string,
  body?: object,
): Promise<unknown> {
  const { hub } = lab.hubs.hub(key);
  const response = await fetch(`${hub.url}/api/federation/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${hub.credentials.adminKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const Known = z.array(z.object({ by: z.string(), events: z.number().nullable() }));
const MapAnswer = z.object({
  map: z.object({
    self: z.string(),
    instances: z.array(z.object({ key: z.string(), kind: z.string(), beyond: z.string() })),
    links: z.array(
      z.object({
        id: z.string(),
        from: z.string(),
        to: z.string(),
        policy: z.looseObject({ max_hops: z.number(), scopes: z.array(z.string()) }).nullable(),
        known: Known,
      }),
    ),
  }),
});

async function mapOf(lab: Lab, key: string): Promise<z.infer<typeof MapAnswer>["map"]> {
  return MapAnswer.parse(await ask(lab, key, "GET", "map")).map;
}

const Explained = z.object({
  instances: z.array(z.object({ key: z.string(), hops: z.number() })),
  links: z.array(
    z.looseObject({
      from: z.string(),
      to: z.string(),
      outcome: z.string(),
      reason: z.string().nullable(),
      sentence: z.string(),
    }),
  ),
});

describe("a ring of real hubs", () => {
  test("is on the map of each of them: by their own registries, by what peers tell, and by the chains of events", async () => {
    const lab = await openTestLab(RING);
    await lab.run();
    const map = await mapOf(lab, "A");
    expect(map.instances.map(({ key, kind, beyond }) => [key, kind, beyond]).sort()).toEqual([
      ["A", "self", "known"],
      ["B", "peer", "known"],
      ["C", "peer", "known"],
    ]);
    const carrying = map.links.filter(({ policy }) => policy === null || policy.scopes.length > 0);
    expect(carrying.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(["A>B", "B>C", "C>A"]);
    // From C, which holds what came by A and B, the way is proven as well.
    const far = await mapOf(lab, "C");
    const proven = far.links.find(
      ({ from, to, policy }) => from === "A" && to === "B" && (policy?.scopes.length ?? 0) > 0,
    );
    expect(proven?.known.find(({ by }) => by === "seen")).toMatchObject({ events: 6 });
  });

  test("explains an event of the log, lints the cycle, and groups what it stopped", async () => {
    const lab = await openTestLab(RING);
    await lab.run();
    const { explanation } = z
      .object({ explanation: Explained })
      .parse(await ask(lab, "A", "POST", "explain", { event: { seq: 1 } }));
    expect(explanation.instances.map(({ key, hops }) => [key, hops])).toEqual([
      ["A", 0],
      ["B", 1],
      ["C", 2],
    ]);
    const stop = explanation.links.find(({ from, to }) => from === "C" && to === "A");
    expect(stop).toMatchObject({ outcome: "stopped", reason: "loop" });
    expect(stop?.sentence).toBe("The event has already been at A: it came by A → B → C.");

    const findings = z.object({ items: z.array(z.looseObject({ rule: z.string(), sentence: z.string() })) });
    const { items } = findings.parse(await ask(lab, "B", "GET", "lint"));
    expect(items.filter(({ rule }) => rule === "cycle").map(({ sentence }) => sentence)).toEqual([
      "B → C → A → B is a cycle. An event ends at A, which does not send it on to B as hop 3. The event has already been at B: it came by B → C → A.",
    ]);

    expect(await ask(lab, "C", "GET", "loops")).toMatchObject({
      items: [{ reason: "loop", cycle: ["A", "B", "C"], events: 6, example: { type: "com.github.push" } }],
    });
    expect(await ask(lab, "B", "GET", "loops")).toEqual({ items: [] });
  });

  test("an instance or an event that is not there is said to be missing", async () => {
    const lab = await openTestLab({ ...RING, topology: { shape: "pair", instances: 2 }, steps: [] });
    await expect(ask(lab, "A", "POST", "explain", { event: { seq: 99 } })).rejects.toThrow("404");
    await expect(ask(lab, "A", "POST", "explain", { event: { type: "x" }, at: "Z" })).rejects.toThrow(
      "There is no instance Z",
    );
  });
});

const WhatIf = z.object({
  one: z
    .looseObject({
      difference: z.looseObject({ instances: z.array(z.looseObject({ key: z.string(), change: z.string() })) }),
    })
    .nullable(),
  many: z.object({
    events: z.number(),
    changed: z.number(),
    examples: z.array(
      z.object({ id: z.string(), type: z.string(), gained: z.array(z.string()), lost: z.array(z.string()) }),
    ),
  }),
  calls: z.array(
    z.looseObject({
      own: z.boolean(),
      method: z.enum(["PATCH", "POST"]),
      path: z.string(),
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});

test("what if over the stored events is what comes of running them again with the changes made", async () => {
  const types = ["com.github.push", "com.stripe.charge.failed", "com.example.order"];
  const publish = types.map((type) => ({ do: "publish" as const, at: "A", type, count: 2, bytes: 64 }));
  const lab = await openTestLab({
    ...RING,
    topology: {
      instances: [{ key: "A" }, { key: "B" }, { key: "C" }],
      links: [
        { from: "A", to: "B", scopes: ["github.*", "stripe.*"] },
        { from: "B", to: "C", maxHops: 1 },
      ],
    },
    steps: publish,
  });
  await lab.run();
  const map = await mapOf(lab, "A");
  const linkTo = (from: string, to: string): string =>
    map.links.find((link) => link.from === from && link.to === to && (link.policy?.scopes.length ?? 0) > 0)?.id ?? "";
  const changes = [
    { kind: "scopes", link: linkTo("A", "B"), scopes: ["stripe.*", "com.example.*"] },
    { kind: "limits", link: linkTo("B", "C"), max_hops: 3 },
  ];
  const event = { type: "com.example.order", data_bytes: 10 };
  const foreseen = WhatIf.parse(await ask(lab, "A", "POST", "what-if", { changes, event, last: 100 }));
  expect(foreseen.one?.difference.instances.map(({ key, change }) => [key, change])).toEqual([
    ["B", "gained"],
    ["C", "gained"],
  ]);
  expect([foreseen.many.events, foreseen.many.changed]).toEqual([6, 6]);
  expect(foreseen.calls.map(({ own, body }) => [own, body])).toEqual([
    [true, { scopes: ["stripe.*", "com.example.*"] }],
    [false, { max_hops: 3 }],
  ]);

  const holders = async (id: string): Promise<string[]> => {
    const logs = await Promise.all(
      lab.hubs.hubs.map(async ({ key, client }) => ({ key, events: await client.events({ id }) })),
    );
    return logs.flatMap(({ key, events }) => (events.length > 0 ? [key] : []));
  };
  const before = new Map(await Promise.all(lab.published.map(async ({ id }) => [id, await holders(id)] as const)));
  for (const [index, { method, path, body }] of foreseen.calls.entries())
    await ask(lab, index === 0 ? "A" : "B", method, path.replace("/api/federation/", ""), body);
  const first = lab.published.length;
  for (const step of publish) await lab.take(step);
  await lab.take({ do: "settle", except: [] });

  for (const [index, old] of lab.published.slice(0, first).entries()) {
    const again = lab.published[first + index];
    const said = foreseen.many.examples.find(({ id }) => id === old.id);
    const expected = new Set(before.get(old.id));
    for (const key of said?.gained ?? []) expected.add(key);
    for (const key of said?.lost ?? []) expected.delete(key);
    expect([old.type, await holders(again?.id ?? "")]).toEqual([old.type, [...expected].sort()]);
  }
});
