import { describe, expect, test } from "vitest";
import { explain, explanationAsMarkdown, mapOfTopology, type TopologyMap } from "../../src/shared/debugger/index.ts";
import { type LabFile, LabTopology, labTopology, reproduce, sayReport } from "../../src/shared/lab/index.ts";
import { LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { openTestLab } from "./lab-fixture.ts";

const DRAWN = {
  instances: [{ key: "laptop" }, { key: "staging" }, { key: "prod", instanceId: "prod/eu" }, { key: "far" }],
  links: [
    { from: "laptop", to: "staging" },
    { from: "staging", to: "prod", scopes: ["com.acme.*"], maxHops: 2 },
    { from: "prod", to: "laptop" },
    { from: "prod", to: "far", maxHops: 2 },
  ],
};
const event = { type: "com.acme.order", dataBytes: 40, provenance: LOCAL_PROVENANCE };

const mapOf = (drawn: unknown): TopologyMap => mapOfTopology(labTopology(LabTopology.parse(drawn)), 0, "laptop");
const made = (map: TopologyMap, at: string, asked = event): LabFile => {
  const lab = reproduce(map, explain(map, asked, at));
  if (!lab.ok) throw new Error(lab.problem);
  return lab.file;
};

describe("a lab that plays an explained event again", () => {
  test("comes to what was explained, on real hubs", { timeout: 60_000 }, async () => {
    const file = made(mapOf(DRAWN), "laptop");
    const { type } = event;
    expect(file.expect).toEqual([
      { that: "every_event", at: "laptop", type, times: 1 },
      { that: "every_event", at: "staging", type, times: 1 },
      { that: "every_event", at: "prod", type, times: 1 },
      { that: "every_event", at: "far", type, times: 0 },
      { that: "stopped", link: "prod>laptop", reason: "loop", type },
      { that: "stopped", link: "prod>far", reason: "hop_limit", type },
      { that: "predicted" },
    ]);
    const report = await (await openTestLab(file)).run();
    expect(report.ok, sayReport(report)).toBe(true);
  });

  test("waits where a link is paused, on real hubs too", { timeout: 60_000 }, async () => {
    const [first, ...others] = DRAWN.links;
    const file = made(mapOf({ ...DRAWN, links: [{ ...first, status: "paused" }, ...others] }), "laptop");
    expect(file.expect).toContainEqual({ that: "entries", link: "laptop>staging", state: "pending", count: 1 });
    const report = await (await openTestLab(file)).run();
    expect(report.ok, sayReport(report)).toBe(true);
  });

  test("begins where the event began, however far it is from there", () => {
    const came = { ...event, provenance: { origin: "staging", chain: ["staging", "prod/eu"], hops: 2 } };
    expect(made(mapOf(DRAWN), "laptop", came).steps).toMatchObject([{ do: "publish", at: "staging", bytes: 40 }]);
  });

  test("has names that a lab allows, each once, and no link whose limits nobody told", () => {
    const map = mapOf(DRAWN);
    const named = {
      ...map,
      instances: map.instances.map((one, at) => ({ ...one, name: at < 2 ? "our hub!" : `${at}` })),
      links: map.links.map((link) => (link.id === "prod>far" ? { ...link, policy: null } : link)),
    };
    const { topology, lesson } = made(named, "laptop");
    if (!("links" in topology)) throw new Error("a drawn topology was expected");
    expect(topology.instances.map(({ key }) => key)).toEqual(["our-hub-", "our-hub--2", "hub", "hub-2"]);
    expect(topology.links).toHaveLength(3);
    expect(lesson).toContain("nobody told");
  });

  test("is refused in words for a map of more hubs than a lab has, and for events that hubs make themselves", () => {
    const many = Array.from({ length: 13 }, (_, at) => ({ key: `h${at}`, instanceId: `h${at}` }));
    const map = mapOfTopology({ instances: many, links: [] }, 0, "h0");
    expect(reproduce(map, explain(map, event, "h0"))).toEqual({
      ok: false,
      problem: "A lab has 12 hubs at most, and this map has 13.",
    });
    const internal = { ...event, type: "kite.federation.delivery_failed" };
    expect(reproduce(mapOf(DRAWN), explain(mapOf(DRAWN), internal, "laptop"))).toMatchObject({ ok: false });
  });
});

test("an explanation as Markdown says who does not get it and why, and keeps names from becoming markup", () => {
  const map = mapOf(DRAWN);
  const named = {
    ...map,
    instances: map.instances.map((one) => (one.key === "far" ? { ...one, name: "far | <b>" } : one)),
  };
  const text = explanationAsMarkdown(named, explain(named, event, "laptop"));
  expect(text).toContain(
    "## Where `com.acme.order` goes from laptop\n\n40 bytes of data, at laptop, first seen there.",
  );
  expect(text).toContain(
    String.raw`- **far \| \<b\>**: far \| \<b\> does not get it. The event has made 2 hops, and the limit of this link is 2.`,
  );
  expect(text).toContain("- **prod**: hop 2, by laptop → staging → prod");
  expect(text).toContain(String.raw`| 3 | prod → far \| \<b\> | hop_limit |`);
  expect(text).not.toContain("<b>");
});
