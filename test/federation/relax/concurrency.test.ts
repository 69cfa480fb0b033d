import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "../../../src/main/hub/log/index.ts";
import type { Duplicate, Peer } from "../../../src/main/hub/model.ts";
import { candidate } from "../../support/log-harness.ts";
import { copyVia, RelaxFixture } from "./relax-fixture.ts";
import { sharedDatabase } from "./shared-database.ts";

// Prime to the number of senders, so that each of them gets copies of every event.
const EVENTS = 23;
const ARRIVALS = 240;
const LONGEST = 6;

const freshDatabase = sharedDatabase();
let one: RelaxFixture;
let two: RelaxFixture;

beforeEach(async () => {
  const database = await freshDatabase();
  one = await RelaxFixture.open(database);
  two = await RelaxFixture.open(database);
});

afterEach(async () => {
  await two.close();
  await one.close();
});

/** Numbers that look random and are the same in every run. */
function* numbers(): Generator<number, never> {
  for (let state = 42; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("two hubs let shorter copies win while lanes claim, deliver, fail and give back: each peer ends with the shortest", async () => {
  const peers: Peer[] = [
    await one.peer("x", { maxHops: 9 }),
    await one.peer("y", { maxHops: 4 }),
    await one.peer("z", { maxHops: 2 }),
  ];
  await two.hub.registry.refresh();
  two.hub.now = one.hub.now;
  const random = numbers();
  const pick = (n: number): number => Math.floor(random.next().value * n);

  const longest = copyVia(..."abcdef".split(""));
  await one.hub.log.acceptMany(Array.from({ length: EVENTS }, (_, i) => candidate({ id: `e${i}`, copy: longest })));
  const seqs = new Map(
    (await one.hub.rows<{ seq: number; id: string }>("SELECT seq::int, id FROM events")).map((r) => [r.id, r.seq]),
  );

  // Every event arrives again with 5, 3, 1 … hops, in an order of its own, at one hub or the other.
  const shortest = new Map<number, number>();
  const arrivals = Array.from({ length: ARRIVALS }, (_, i): Duplicate => {
    const id = `e${i % EVENTS}`;
    const seq = seqs.get(id) ?? 0;
    const hops = pick(LONGEST) + 1;
    shortest.set(seq, Math.min(hops, shortest.get(seq) ?? LONGEST));
    const again = candidate({ id, copy: copyVia(..."abcdef".slice(0, hops).split("")), via: 7 });
    const digest = digestOf(again.data);
    return { candidate: again, digest, heldDigest: digest, seq, segment: 1 };
  });
  const senders = [one, two].flatMap((hub, index) =>
    [0, 1].map(async (half) => {
      const mine = arrivals.filter((_, i) => i % 4 === index * 2 + half);
      while (mine.length > 0) await hub.relaxer.handle(uniqueHead(mine, 1 + pick(8)));
    }),
  );

  let sending = true;
  const lanes = peers.map(async (peer) => {
    for (let quiet = 0; quiet < 2; ) {
      const claimed = await one.claim(peer);
      // As the lane does: an entry that stands for a shorter copy than was read with it is not sent.
      const late = claimed.filter((entry) => entry.event !== null && entry.owedHops < entry.event.copy.hops);
      const ready = claimed.filter((entry) => !late.includes(entry));
      if (late.length > 0) await one.settle(late, "release");
      const cut = pick(ready.length + 1);
      if (cut > 0) await one.settle(ready.slice(0, cut), "deliver");
      const rest = ready.slice(cut);
      if (rest.length > 0) await one.settle(rest, (["retry", "deliver", "deliver"] as const)[pick(3)] ?? "deliver");
      quiet = claimed.length === 0 && !sending ? quiet + 1 : 0;
    }
  });
  try {
    await Promise.all(senders);
  } finally {
    sending = false;
    await Promise.all(lanes);
  }

  const held = await one.held();
  expect(held.map(({ hops }) => hops)).toEqual(held.map(({ seq }) => shortest.get(seq)));
  const entries = await one.entries();
  expect(entries.every((entry) => entry.state === "delivered" || entry.state === "cancelled")).toBe(true);
  for (const { seq, hops } of held)
    for (const peer of peers) {
      const own = entries.filter((entry) => entry.seq === seq && entry.peer === peer.name);
      const delivered = own.filter((entry) => entry.state === "delivered").map((entry) => entry.hops);
      const best = Math.min(...delivered);
      if (hops < peer.maxHops) expect(best, `event ${seq} at ${peer.name}`).toBe(hops);
      else expect(own, `event ${seq} at ${peer.name}`).toEqual([]);
      // Each further send to a peer is of a shorter copy: the work an edge carries is bounded.
      expect(own.length).toBeLessThanOrEqual(LONGEST);
    }
  const drops = await one.drops();
  for (const { seq, hops } of held)
    expect(drops.filter((drop) => drop.seq === seq).map((drop) => drop.peer)).toEqual(
      peers.filter((peer) => hops >= peer.maxHops).map((peer) => peer.name),
    );
  expect((await one.counts("duplicate")).reduce((sum, count) => sum + count.n, 0)).toBe(arrivals.length);
});

/** The next arrivals, no event twice, as the log hands them over. */
function uniqueHead(arrivals: Duplicate[], most: number): Duplicate[] {
  const seen = new Set<number>();
  let count = 0;
  for (const { seq } of arrivals.slice(0, most)) {
    if (seen.has(seq)) break;
    seen.add(seq);
    count++;
  }
  return arrivals.splice(0, count);
}
