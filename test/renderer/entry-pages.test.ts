import { describe, expect, it } from "vitest";
import { EntryPages } from "../../src/renderer/screens/outbox/entry-pages.ts";
import type { EntryView } from "../../src/shared/contract/index.ts";
import { until } from "../support/until.ts";

function entry(seq: number, state: EntryView["state"] = "pending"): EntryView {
  return {
    id: `${seq}-1-0`,
    seq,
    gen: 0,
    peer: { no: 1, id: "p", name: "staging" },
    event: null,
    state,
    hops: 0,
    tries: 0,
    replay: false,
    createdAt: seq,
    nextTryAt: null,
    waitReason: null,
    finishedAt: null,
    result: null,
    cause: null,
    lastError: null,
  };
}

/** A hub that holds entries, and counts the questions it is asked. */
class Hub {
  entries = new Map<number, EntryView>();
  asked: (string | null)[] = [];
  failure: Error | null = null;

  constructor(from: number, to: number) {
    for (let seq = from; seq <= to; seq += 1) this.entries.set(seq, entry(seq));
  }

  readonly ask = async (cursor: string | null, limit: number) => {
    this.asked.push(cursor);
    if (this.failure !== null) throw this.failure;
    const before = cursor === null ? Number.POSITIVE_INFINITY : Number(cursor);
    const all = [...this.entries.values()].filter(({ seq }) => seq < before).sort((a, b) => b.seq - a.seq);
    const items = all.slice(0, limit);
    return { items, nextCursor: all.length > limit ? String(items.at(-1)?.seq) : null };
  };
}

const seqs = (pages: EntryPages): number[] =>
  Array.from({ length: pages.count }, (_, index) => pages.at(index)?.seq ?? Number.NaN);

const newestFirst = (hub: Hub): number[] => [...hub.entries.keys()].sort((a, b) => b - a);

async function opened(hub: Hub): Promise<EntryPages> {
  const pages = new EntryPages(hub.ask);
  pages.begin();
  await until("the first page is here", () => pages.started);
  return pages;
}

/** Waits until the answers to what was asked so far were taken. */
async function settled(pages: EntryPages, act: () => void): Promise<void> {
  const { version } = pages;
  act();
  await until("it was read", () => pages.version > version);
  await until("nothing more comes", async () => {
    const before = pages.version;
    await new Promise((resolve) => setImmediate(resolve));
    return pages.version === before;
  });
}

describe("the pages of the outbox", () => {
  it("are read as they are scrolled to, each row once, to the very last", async () => {
    const hub = new Hub(1, 1_050);
    const pages = await opened(hub);
    while (!pages.complete) await settled(pages, () => pages.show(pages.count - 30, pages.count - 1));
    expect(seqs(pages)).toEqual(newestFirst(hub));
    expect(hub.asked).toHaveLength(6);
  });

  it("are asked again only where they are looked at", async () => {
    const hub = new Hub(1, 1_000);
    const pages = await opened(hub);
    while (!pages.complete) await settled(pages, () => pages.show(pages.count - 30, pages.count - 1));
    pages.show(450, 480);
    hub.asked = [];
    hub.entries.set(540, entry(540, "delivered"));
    const untouched = pages.at(470);
    await settled(pages, () => pages.refresh());
    expect(hub.asked).toEqual(["601"]);
    expect(pages.at(460)?.state).toBe("delivered");
    expect(pages.at(470)).toBe(untouched);
    expect(seqs(pages)).toEqual(newestFirst(hub));
  });

  it("lose what is gone and take in what came between, without a row twice", async () => {
    const hub = new Hub(1, 600);
    hub.entries.delete(350);
    const pages = await opened(hub);
    while (!pages.complete) await settled(pages, () => pages.show(pages.count - 30, pages.count - 1));
    // The last row of a page, and one that comes back into the middle of another.
    hub.entries.delete(401);
    hub.entries.delete(400);
    hub.entries.set(350, entry(350));
    pages.show(0, 599);
    await settled(pages, () => pages.refresh());
    expect(seqs(pages)).toEqual(newestFirst(hub));
  });

  it("hold new rows back from who has moved down, until the top is seen again", async () => {
    const hub = new Hub(1, 300);
    const pages = await opened(hub);
    pages.show(40, 70);
    const shown = pages.at(50)?.seq;
    for (let seq = 301; seq <= 305; seq += 1) hub.entries.set(seq, entry(seq));
    await settled(pages, () => pages.refresh());
    expect(pages.at(50)?.seq).toBe(shown);
    expect(pages.waiting).toBe(5);
    await settled(pages, () => pages.show(0, 30));
    expect(pages.at(0)?.seq).toBe(305);
    expect(pages.waiting).toBe(0);
  });

  it("begin anew when more came in at the top than is worth patching", async () => {
    const hub = new Hub(1, 100);
    const pages = await opened(hub);
    for (let seq = 101; seq <= 2_500; seq += 1) hub.entries.set(seq, entry(seq));
    await settled(pages, () => pages.refresh());
    expect(pages.at(0)?.seq).toBe(2_500);
    expect(seqs(pages)).toEqual(newestFirst(hub).slice(0, pages.count));
  });

  it("keep what was there when the hub does not answer, and go on afterwards", async () => {
    const hub = new Hub(1, 100);
    const pages = await opened(hub);
    hub.failure = new Error("The hub does not answer.");
    await settled(pages, () => pages.refresh());
    expect(pages.error).toBe(hub.failure);
    expect(pages.count).toBe(100);
    hub.failure = null;
    await settled(pages, () => pages.refresh());
    expect(pages.error).toBeNull();
  });
});
