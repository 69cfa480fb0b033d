import { describe, expect, test } from "vitest";
import { Tellings } from "../../src/main/hub/debugger/tellings.ts";
import type { Peer } from "../../src/main/hub/model.ts";
import { FakeRegistry, makePeer } from "../federation/outbound/stage.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;

const peer = (no: number, instanceId: string, over: Partial<Peer> = {}): Peer =>
  makePeer(no, `http://127.0.0.1:1/${instanceId}/hooks/t/kite`, { instanceId, batches: true, ...over });

const telling = (instance_id: string, away: number, to: readonly string[], age_ms = 0) => ({
  instance_id,
  age_ms,
  away,
  links: to.map((name) => ({
    ...{ id: `${instance_id}-${name}`, direction: "push", name, instance_id: name, place: null, status: "active" },
    ...{ scopes: ["*"], max_hops: 3, max_bytes: 1_000, receive_only: false, revision: 1 },
  })),
});
type Told = ReturnType<typeof telling>;

/** A hub `here` whose peers say what the test lays down: `answers` by the peer's instance id. */
function stage(peers: readonly Peer[], answers: Record<string, readonly Told[] | "refused" | null>) {
  const registry = new FakeRegistry(peers, "here");
  const asked: { readonly peer: string; readonly question: object }[] = [];
  const clock = { now: NOW };
  const tellings = new Tellings({
    registry,
    questions: {
      ask: async (to, _subject, question, shape) => {
        asked.push({ peer: to.instanceId ?? to.name, question });
        const told = answers[to.instanceId ?? to.name] ?? null;
        if (told === "refused") return { ok: false, status: 404, problem: "It answered 404." };
        return told === null
          ? { ok: false, status: null, problem: "It cannot be reached." }
          : { ok: true, answer: shape.parse({ tellings: told }) };
      },
      read: async (shape, _team, _headers, rawBody) => ({
        ok: true,
        question: shape.parse(JSON.parse(String(rawBody))),
      }),
    },
    pulled: async () => [],
    userAgent: "test",
    now: () => clock.now,
  });
  const heard = async () =>
    (await tellings.look("t")).tellings.map(({ teller, away, at, links }) => [
      teller,
      away,
      NOW - at,
      links.map(({ name }) => name).join(),
    ]);
  const answer = async (question: object) =>
    (await tellings.answer("t", {}, Buffer.from(JSON.stringify(question)))).body;
  return { tellings, asked, clock, answers, heard, answer, registry };
}

describe("what hubs tell of their links", () => {
  test("is kept with who told it, over how many hubs, and how old it is", async () => {
    const { heard } = stage([peer(1, "b")], { b: [telling("b", 0, ["c"]), telling("c", 1, ["d"], 5_000)] });
    expect(await heard()).toEqual([
      ["b", 1, 0, "c"],
      ["c", 2, 5_000, "d"],
    ]);
  });

  test("is not believed of this hub, nor of a peer that tells of itself, nor from another in a peer's place", async () => {
    const { heard } = stage([peer(1, "b"), peer(2, "c"), peer(3, "e")], {
      b: [telling("b", 0, ["c"]), telling("here", 0, ["forged"]), telling("c", 0, ["forged"])],
      c: [telling("c", 0, ["d"])],
      e: [telling("stranger", 0, ["forged"])],
    });
    expect(await heard()).toEqual([
      ["b", 1, 0, "c"],
      ["c", 1, 0, "d"],
    ]);
  });

  test("counts from the nearest that passes it on, and the newest of those equally near", async () => {
    const { heard } = stage([peer(1, "b"), peer(2, "c")], {
      b: [telling("b", 0, []), telling("x", 3, ["far"]), telling("y", 1, ["old"], 9_000)],
      c: [telling("c", 0, []), telling("x", 1, ["near"], 60_000), telling("y", 1, ["new"], 1_000)],
    });
    expect((await heard()).slice(2).sort()).toEqual([
      ["x", 2, 60_000, "near"],
      ["y", 2, 1_000, "new"],
    ]);
  });

  test("is asked for again after half a minute behind the answer, and forgotten when nobody tells it any more", async () => {
    const { heard, asked, clock, answers } = stage([peer(1, "b")], { b: [telling("b", 0, ["c"])] });
    expect(await heard()).toHaveLength(1);
    await heard();
    expect(asked).toHaveLength(1);
    answers["b"] = null;
    clock.now += MINUTE;
    expect(await heard()).toHaveLength(1);
    expect(asked).toHaveLength(2);
    clock.now += 10 * MINUTE;
    expect(await heard()).toEqual([]);
  });

  test("is forgotten at once of a hub that is there and does not tell any more", async () => {
    const { heard, clock, answers } = stage([peer(1, "b")], { b: [telling("b", 0, ["c"])] });
    await heard();
    answers["b"] = "refused";
    clock.now += MINUTE;
    await heard();
    expect(await heard()).toEqual([]);
  });

  test("goes with the peer that told it", async () => {
    const { heard, registry } = stage([peer(1, "b")], { b: [telling("b", 0, ["c"])] });
    expect(await heard()).toHaveLength(1);
    registry.snapshot = { ...registry.snapshot, peers: [] };
    expect(await heard()).toEqual([]);
  });

  test("is not asked of one that is revoked, or in whose place another answers", async () => {
    const peers = [peer(1, "b", { status: "revoked" }), peer(2, "c", { strangerId: "other" })];
    const { heard, asked } = stage(peers, { b: [telling("b", 0, [])], c: [telling("c", 0, [])] });
    expect(await heard()).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("is passed on to a peer that asks, without what it knows best itself, and asks on with the way it came by", async () => {
    const { answer, asked } = stage([peer(1, "a"), peer(2, "c")], {
      a: [telling("a", 0, ["here"])],
      c: [telling("c", 0, ["d"]), telling("a", 1, ["here"])],
    });
    const said = await answer({ asking: ["a"], deadline_ms: 2_000 });
    expect(asked).toEqual([{ peer: "c", question: { asking: ["a", "here"], deadline_ms: 1_750 } }]);
    expect(said).toMatchObject({
      tellings: [
        { instance_id: "here", away: 0, links: [{ instance_id: "a" }, { instance_id: "c" }] },
        { instance_id: "c", away: 1, links: [{ name: "d" }] },
      ],
    });
    expect(JSON.stringify(said)).not.toContain("127.0.0.1");
  });

  test("is answered at once, with nobody asked, when the question has gone round, or far enough", async () => {
    const { answer, asked } = stage([peer(1, "b")], { b: [telling("b", 0, [])] });
    const far = Array.from({ length: 8 }, (_, at) => `hub-${at}`);
    for (const question of [
      { asking: ["a", "here"], deadline_ms: 2_000 },
      { asking: far, deadline_ms: 2_000 },
      { asking: ["a"], deadline_ms: 300 },
    ])
      expect(await answer(question)).toMatchObject({ tellings: [{ instance_id: "here" }] });
    expect(asked).toEqual([]);
  });
});
