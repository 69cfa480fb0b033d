import { expect, onTestFinished, test } from "vitest";
import { readPairingLink, writePairingLink } from "../../../src/shared/links/index.ts";
import { CuttableProxy } from "../../support/cuttable-proxy.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";
import { at, pairingOf, readingOf, readingPair, TEAM, twoHubs } from "./pairing-hubs.ts";

const portOf = (url: string): number => Number(new URL(url).port);

/** Both say so, and both links work: what is posted at one arrives at the other. */
async function expectPaired(maker: RealHub, opener: RealHub, id: string): Promise<void> {
  await until("both are done", async () => {
    await pairingOf(opener).look();
    return (await at(maker, id)).state === "done" && (await at(opener, id)).state === "done";
  });
  await maker.client.post({ id: "from-maker" });
  await opener.client.post({ id: "from-opener" });
  await until("both events arrived", async () => {
    const there = (await opener.client.events()).some((event) => event.id === "from-maker");
    return there && (await maker.client.events()).some((event) => event.id === "from-opener");
  });
  const chainOf = async (hub: RealHub, event: string) =>
    (await hub.client.events()).find((each) => each.id === event)?.copy.chain;
  expect(await chainOf(opener, "from-maker")).toEqual(["staging"]);
  expect(await chainOf(maker, "from-opener")).toEqual(["laptop"]);
  for (const hub of [maker, opener]) {
    const peers = hub.hub.registry.peersOf(TEAM);
    expect(peers).toHaveLength(1);
    expect(peers[0]).toMatchObject({ instanceIdFrom: "pairing", strangerId: null });
  }
}

test.each([
  ["pull", "push"],
  ["push", "push"],
  ["push", "pull"],
] as const)(
  "maker to opener by %s, opener to maker by %s: paired, with one pair of tokens, and tested",
  async (makerToOpener, openerToMaker) => {
    const [maker, opener] = await twoHubs();
    const { link, pairing } = await pairingOf(maker).offer(TEAM, { makerToOpener, openerToMaker });
    expect(pairing).toMatchObject({ state: "offered", sentence: "Waiting for the other side to open the link." });
    expect(pairingOf(opener).preview(link)).toMatchObject({
      instance: "staging",
      offer: { maker_to_opener: makerToOpener },
    });

    const opened = await pairingOf(opener).open(TEAM, link);
    const met = await at(maker, opened.id);
    expect(opened.state).toBe("comparing");
    expect(opened.words).toMatch(/^[a-z]+ [a-z]+ [a-z]+ [a-z]+$/);
    expect(met.words).toBe(opened.words);
    expect([met.other?.instance_id, opened.other?.instance_id]).toEqual(["laptop", "staging"]);

    const waiting = await pairingOf(opener).confirm(TEAM, opened.id);
    expect(waiting).toMatchObject({
      state: "confirmed_here",
      sentence: "Confirmed here; waiting for the other side to confirm.",
    });
    expect(await at(maker, opened.id)).toMatchObject({ state: "confirmed_there" });
    await pairingOf(maker).confirm(TEAM, opened.id, { environment: "other", name: "my laptop" });
    await expectPaired(maker, opener, opened.id);

    const [here] = maker.hub.registry.peersOf(TEAM);
    const [there] = opener.hub.registry.peersOf(TEAM);
    expect([here?.outboundToken, here?.inboundToken]).toEqual([there?.inboundToken, there?.outboundToken]);
    expect(here?.outboundToken).not.toBe(here?.inboundToken);
    expect(here?.name).toBe("my laptop");
    await pairingOf(maker).stop();
    await pairingOf(opener).stop();
    expect((await at(opener, opened.id)).problem).toBeNull();
  },
);

test.each([
  ["pull", "push"],
  ["push", "pull"],
] as const)(
  "confirmations at once do not revoke the key that is handed over: by %s and by %s",
  async (makerToOpener, openerToMaker) => {
    const [maker, opener] = await twoHubs();
    const { link } = await pairingOf(maker).offer(TEAM, { makerToOpener, openerToMaker });
    const { id } = await pairingOf(opener).open(TEAM, link);
    const several = async (hub: RealHub): Promise<void> => {
      const tries = [1, 2, 3].map(() => pairingOf(hub).confirm(TEAM, id));
      await Promise.allSettled([...tries, pairingOf(opener).look()]);
    };
    await several(opener);
    await several(maker);
    await expectPaired(maker, opener, id);
    for (const hub of [maker, opener]) {
      const keys = hub.hub.registry.snapshot.keys.filter(({ name }) => name?.startsWith("read by") === true);
      expect(keys.filter(({ revokedAt }) => revokedAt === null).length).toBe(keys.length === 0 ? 0 : 1);
    }
  },
);

test("the maker may confirm first, and a production peer is set to receive only unless it is named", async () => {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM);
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(maker).confirm(TEAM, id);
  expect(await at(maker, id)).toMatchObject({ state: "confirmed_here" });
  await pairingOf(opener).confirm(TEAM, id, { environment: "production", label: "PROD", colour: "#cc0000" });
  await until("it is done", async () => (await at(opener, id)).state === "done");
  expect(opener.hub.registry.peersOf(TEAM)[0]).toMatchObject({
    environment: "production",
    receiveOnly: true,
    label: "PROD",
  });
  await opener.client.post({ id: "kept-here" });
  const [drop] = await until("the decision is there", async () => {
    const drops = await opener.client.decisions({ outcome: "drop" });
    return drops.length > 0 ? drops : null;
  });
  expect(drop).toMatchObject({ reason: "receive_only" });
});

test("either side can refuse, and both see it; nothing was set up", async () => {
  const [maker, opener] = await twoHubs();
  for (const refuser of [maker, opener]) {
    const { link } = await pairingOf(maker).offer(TEAM);
    const { id } = await pairingOf(opener).open(TEAM, link);
    await pairingOf(refuser).refuse(TEAM, id);
    await pairingOf(opener).look();
    expect([(await at(maker, id)).state, (await at(opener, id)).state]).toEqual(["refused", "refused"]);
    await expect(pairingOf(maker).confirm(TEAM, id)).rejects.toThrow("moved on");
  }
  for (const hub of [maker, opener]) expect(hub.hub.registry.peersOf(TEAM)).toEqual([]);
});

test("a link expires, works once, and only whole", async () => {
  const [maker, opener] = await twoHubs();
  const third = await openRealHub({ instanceId: "third" });
  const expired = await pairingOf(maker).offer(TEAM, { expiresInMs: 0 });
  await expect(pairingOf(opener).open(TEAM, expired.link)).rejects.toThrow("has expired. Ask for a new one.");
  expect(await at(maker, expired.pairing.id)).toMatchObject({ state: "expired" });

  // Whoever looks at it is told, though nobody did anything.
  const brief = await pairingOf(maker).offer(TEAM, { expiresInMs: 1 });
  let moved = false;
  onTestFinished(pairingOf(maker).moved.on(() => (moved = true)));
  await until("it is told", () => moved);
  expect(await at(maker, brief.pairing.id)).toMatchObject({ state: "expired" });

  const { link } = await pairingOf(maker).offer(TEAM);
  const { id } = await pairingOf(opener).open(TEAM, link);
  await expect(pairingOf(third).open(TEAM, link)).rejects.toThrow("opened already: a link works once");
  // The one who opened it first may look again.
  expect((await pairingOf(opener).open(TEAM, `  ${link.slice(0, 40)}\n${link.slice(40)}`)).id).toBe(id);
  await expect(pairingOf(maker).open(TEAM, link)).rejects.toThrow("made on this hub");
  await expect(pairingOf(opener).open(TEAM, link.slice(0, -20))).rejects.toThrow("not a pairing link");

  const fresh = await pairingOf(maker).offer(TEAM);
  const read = readPairingLink(fresh.link);
  if (!read.ok) throw new Error("the link was just made");
  const forged = writePairingLink({ ...read.link, secret: "A".repeat(22) });
  await expect(pairingOf(third).open(TEAM, forged)).rejects.toThrow("not made with this pairing's link");
});

test("a link that was changed to live for ever is forgotten after a day, as any other", async () => {
  const [maker, opener] = await twoHubs();
  const read = readPairingLink((await pairingOf(maker).offer(TEAM)).link);
  if (!read.ok) throw new Error("the link was just made");
  const opened = await pairingOf(opener).open(TEAM, writePairingLink({ ...read.link, expires: 9e15 }));
  expect(opened.state).toBe("comparing");
  expect(opened.expiresAt - Date.now()).toBeLessThanOrEqual(86_400_000);
});

test("a link whose URL was swapped is caught: by the maker at a plain relay, by the words at a clever one", async () => {
  const [maker, opener] = await twoHubs();
  const relay = await CuttableProxy.start(portOf(maker.hub.url));
  const made = await pairingOf(maker).offer(TEAM);
  const read = readPairingLink(made.link);
  if (!read.ok) throw new Error("the link was just made");
  const swapped = writePairingLink({ ...read.link, url: `http://127.0.0.1:${relay.port}` });
  await expect(pairingOf(opener).open(TEAM, swapped)).rejects.toThrow(
    "by another address than the one it was made with",
  );

  // One that has the link's secret, and plays each side's part to the other: here, two pairings glued together.
  const middle = await openRealHub({ instanceId: "middle" });
  const first = await pairingOf(maker).offer(TEAM);
  const toMaker = await pairingOf(middle).open(TEAM, first.link);
  const second = await pairingOf(middle).offer(TEAM);
  const toOpener = await pairingOf(opener).open(TEAM, second.link);
  expect(toOpener.words).not.toBe((await at(maker, toMaker.id)).words);
});

test("a pairing that is interrupted at any step goes on where it was", async () => {
  const [maker, opener] = await twoHubs();
  const relay = await CuttableProxy.start(portOf(maker.hub.url));
  const url = `http://127.0.0.1:${relay.port}`;
  const { link } = await pairingOf(maker).offer(TEAM, { url });
  // Not reached at all.
  relay.cut();
  await expect(pairingOf(opener).open(TEAM, link)).rejects.toMatchObject({ code: "unreachable" });
  relay.restore();
  // The answer to hello is lost, then that to reveal.
  relay.loseNextAnswer();
  await expect(pairingOf(opener).open(TEAM, link)).rejects.toMatchObject({ code: "unreachable" });
  const id = (await pairingOf(opener).list(TEAM))[0]?.id ?? "";
  expect(await at(opener, id)).toMatchObject({ state: "offered" });
  const { id: opened, words } = await pairingOf(opener).open(TEAM, link);
  expect(opened).toBe(id);
  expect((await at(maker, id)).words).toBe(words);
  // The answer to the confirmation is lost; the maker has it, and the opener asks again by itself.
  relay.loseNextAnswer();
  await expect(pairingOf(opener).confirm(TEAM, id)).rejects.toMatchObject({ code: "unreachable" });
  expect(await at(opener, id)).toMatchObject({ state: "confirmed_here" });
  expect(await at(maker, id)).toMatchObject({ state: "confirmed_there" });
  await pairingOf(maker).confirm(TEAM, id);
  expect(await at(maker, id)).toMatchObject({ state: "done" });
  // The maker is done, and its word is lost.
  relay.loseNextAnswer();
  await expectPaired(maker, opener, id);
});

test("a restart between the steps of either side loses nothing", async () => {
  const databases = [await createTestDatabase(), await createTestDatabase()] as const;
  onTestFinished(async () => {
    for (const database of databases) await database.drop();
  });
  let maker = await openRealHub({ instanceId: "staging", database: databases[0] });
  let opener = await openRealHub({ instanceId: "laptop", database: databases[1] });
  const relay = await CuttableProxy.start(portOf(maker.hub.url));
  const restart = async (): Promise<void> => {
    await maker.hub.stop();
    await opener.hub.stop();
    maker = await openRealHub({ instanceId: "staging", database: databases[0] });
    opener = await openRealHub({ instanceId: "laptop", database: databases[1] });
    relay.target = portOf(maker.hub.url);
  };
  const { link } = await pairingOf(maker).offer(TEAM, { url: `http://127.0.0.1:${relay.port}` });
  await restart();
  const { id, words } = await pairingOf(opener).open(TEAM, link);
  await restart();
  expect([(await at(maker, id)).words, (await at(opener, id)).words]).toEqual([words, words]);
  await pairingOf(opener).confirm(TEAM, id);
  await restart();
  await pairingOf(maker).confirm(TEAM, id);
  await restart();
  await expectPaired(maker, opener, id);
});

test("the key that is handed over follows the offered events and opens nothing else", async () => {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM, { scopes: ["shop.*"] });
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(opener).confirm(TEAM, id);
  await pairingOf(maker).confirm(TEAM, id);
  await until("both are done", async () => {
    await pairingOf(opener).look();
    return (await at(opener, id)).state === "done";
  });
  const handed = maker.hub.registry.snapshot.keys.filter(({ name }) => name?.startsWith("read by laptop"));
  expect(handed).toMatchObject([{ permissions: ["stream"], scopes: ["glob:shop.*"], revokedAt: null }]);
  const [peer] = opener.hub.registry.peersOf(TEAM);
  if (peer === undefined) throw new Error("the peer is there");
  const { links } = opener.hub;
  await until("it is read", async () => (await links.pulls.list(TEAM))[0]?.running?.phase === "reading");
  await maker.client.post({ id: "private", type: "com.internal.salary" });
  await maker.client.post({ id: "offered", type: "com.shop.order" });
  const arrived = await until("the offered one is here", async () => {
    const events = await opener.client.events();
    return events.length > 0 ? events : null;
  });
  expect(arrived.map((event) => event.id)).toEqual(["offered"]);
  // It was not even sent: nothing had to be refused here.
  expect(await opener.client.refusals()).toEqual([]);
  const apiKey = (await links.pulls.settingsOf(peer))?.apiKey ?? "";
  for (const path of ["/api/v1/keys", "/api/federation/peers", "/api/federation/links", "/api/federation/refusals"]) {
    const answer = await fetch(`${maker.hub.url}${path}?team_id=${TEAM}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
});

test("a new link is not said to fail because the other side is still setting up its half", async () => {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM);
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(opener).confirm(TEAM, id);
  await pairingOf(maker).confirm(TEAM, id);
  // The maker tests at once, with a token that the opener learns when it asks the next time.
  await until("the maker is turned away", async () => (await opener.client.refusals()).length > 0);
  await pairingOf(opener).look();
  await until("the maker is let in", async () =>
    (await opener.hub.links.reports.list(TEAM))[0]?.directions.some(
      ({ direction, state }) => direction === "push_in" && state === "active",
    ),
  );
  expect((await at(maker, id)).problem).toBeNull();
});

test.each([
  ["pull", "push"],
  ["push", "pull"],
] as const)(
  "what is posted right at the confirmation, before the reader connects, is read: by %s and by %s",
  async (makerToOpener, openerToMaker) => {
    const [maker, opener] = await twoHubs();
    const [read, reader] = makerToOpener === "pull" ? [maker, opener] : [opener, maker];
    await read.client.post({ id: "before", type: "shop.early" });
    const { link } = await pairingOf(maker).offer(TEAM, { makerToOpener, openerToMaker, scopes: ["shop.*"] });
    const { id } = await pairingOf(opener).open(TEAM, link);
    await pairingOf(opener).confirm(TEAM, id);
    if (read === maker) await pairingOf(maker).confirm(TEAM, id);
    // No reader is set up yet: it learns of the confirmation with the next message.
    expect(await reader.hub.links.pulls.list(TEAM)).toEqual([]);
    await read.client.post({ id: "not-offered", type: "private.note" });
    await read.client.post({ id: "at-once", type: "shop.order" });
    if (read === opener) await pairingOf(maker).confirm(TEAM, id);
    await until("it is here", async () => {
      await pairingOf(opener).look();
      return (await reader.client.events()).length > 0;
    });
    expect((await reader.client.events()).map((event) => event.id)).toEqual(["at-once"]);
    expect((await reader.hub.links.pulls.list(TEAM))[0]?.gaps).toEqual([]);
  },
);

test("a peer that is paused, revoked, removed or receive only here does not read this hub either", async () => {
  const { maker, opener, peer } = await readingPair();
  const { pulls } = opener.hub.links;
  const reads = () => until("it is read", async () => (await readingOf(opener))?.phase === "reading");
  const isRefused = (why: string) =>
    until(`it is refused: ${why}`, async () => {
      pulls.hurry();
      return (await readingOf(opener))?.error?.sentence.includes(why) === true;
    });
  const readsAgain = async (): Promise<void> => {
    await maker.hub.admin.updatePeer(TEAM, peer.id, { status: "active", receiveOnly: false });
    pulls.hurry();
    await reads();
  };
  await reads();
  const readState = async () =>
    (await maker.hub.links.reports.list(TEAM))[0]?.directions.find(({ direction }) => direction === "read")?.state;
  // The link is not said to be paused because nothing is pushed: it is read.
  const inUse = (await maker.hub.links.reports.list(TEAM))[0]?.directions.map(({ direction }) => direction);
  expect(inUse).toContain("read");
  expect(inUse).not.toContain("push_out");
  await until("the reader is seen", async () => (await readState()) === "active");
  await maker.hub.admin.updatePeer(TEAM, peer.id, { status: "paused" });
  expect(await readState()).toBe("paused");
  await isRefused('Nothing is sent to "laptop" while it is paused here.');
  await maker.client.post({ id: "kept" });
  await readsAgain();
  await until("what waited has come", async () => (await opener.client.events()).some(({ id }) => id === "kept"));
  await maker.hub.admin.updatePeer(TEAM, peer.id, { receiveOnly: true });
  await isRefused("is set to receive only");
  await readsAgain();
  await maker.hub.admin.updatePeer(TEAM, peer.id, { status: "revoked" });
  await isRefused("The peer is revoked");
  await readsAgain();
  await maker.hub.admin.deletePeer(TEAM, peer.id, async () => undefined);
  await isRefused("was removed here; pair anew");
});

test("a production peer reads nothing from here unless it was named", async () => {
  const { maker, opener, peer } = await readingPair({ environment: "production" });
  expect(peer.receiveOnly).toBe(true);
  await until("it is refused", async () => {
    opener.hub.links.pulls.hurry();
    return (await readingOf(opener))?.error?.sentence.includes("is set to receive only") === true;
  });
  expect((await readingOf(opener))?.stored).toBe(0);
  expect(maker.hub.registry.snapshot.keys.filter(({ peer: no }) => no === peer.no)).toHaveLength(1);
});

test("the key that the opener hands out opens nothing before its peer is there, whose masks it is read by", async () => {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM, { makerToOpener: "push", openerToMaker: "pull" });
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(opener).confirm(TEAM, id);
  // What the opener makes of the confirmation is held up; the maker reads as soon as it has confirmed itself.
  const { admin } = opener.hub;
  const create = admin.createPeer.bind(admin);
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  admin.createPeer = async (team, peer) => {
    await held;
    return create(team, { ...peer, masks: [{ types: "*", path: "card" }] });
  };
  await opener.client.post({ id: "early", data: { card: "4242" } });
  await pairingOf(maker).confirm(TEAM, id);
  await until("the maker is asked to come again", async () => {
    maker.hub.links.pulls.hurry();
    return (await readingOf(maker))?.error?.sentence.includes("still being finished here") === true;
  });
  expect(await maker.client.events()).toEqual([]);
  goOn();
  const [event] = await until("it is read", async () => {
    maker.hub.links.pulls.hurry();
    const events = await maker.client.events();
    return events.length > 0 ? events : null;
  });
  expect(await maker.client.api("GET", `/api/federation/events/${event?.seq}`)).toMatchObject({
    event: { data: { card: "[masked]" } },
  });
});

test("what was handed out with a confirmation is taken back when the other side refuses", async () => {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM, { makerToOpener: "push", openerToMaker: "pull" });
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(opener).confirm(TEAM, id);
  const handed = () => opener.hub.registry.snapshot.keys.filter(({ name }) => name?.startsWith("read by staging"));
  expect(handed()).toMatchObject([{ revokedAt: null }]);
  await pairingOf(maker).refuse(TEAM, id);
  await pairingOf(opener).look();
  expect((await at(opener, id)).state).toBe("refused");
  expect(handed()[0]?.revokedAt).not.toBeNull();
});
