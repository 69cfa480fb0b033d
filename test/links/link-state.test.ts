import { describe, expect, it, test } from "vitest";
import {
  availability,
  clockOffset,
  LINK_STATES,
  type LinkFacts,
  linkState,
  readPairingLink,
  wordsOf,
  worstState,
  writePairingLink,
} from "../../src/shared/links/index.ts";

const NOW = 1_000_000;
const facts = (over: Partial<LinkFacts> = {}): LinkFacts => ({
  direction: "push_out",
  peerStatus: "active",
  statusReason: null,
  pausedHere: null,
  lastSuccessAt: NOW - 10,
  lastFailureAt: null,
  lastFailure: null,
  failingSince: null,
  expiresAt: null,
  expiredThere: false,
  strangerId: null,
  ...over,
});

describe("linkState", () => {
  it.each<[string, Partial<LinkFacts>, string]>([
    ["the last try succeeded", {}, "active"],
    ["nothing was tried", { lastSuccessAt: null }, "waiting"],
    ["the last tries failed", { failingSince: NOW - 5, lastFailure: "Nobody listens." }, "failing"],
    ["it never worked, and fails", { lastSuccessAt: null, failingSince: NOW - 5 }, "failing"],
    ["it failed once, and works again", { lastFailureAt: NOW - 50 }, "active"],
    ["the peer is paused", { peerStatus: "paused" }, "paused"],
    ["a paused peer reads nothing from us", { peerStatus: "paused", direction: "read" }, "paused"],
    ["a paused peer may still send to us", { peerStatus: "paused", direction: "push_in" }, "active"],
    ["a paused peer is still read", { peerStatus: "paused", direction: "pull" }, "active"],
    ["this direction is switched off, whatever failed before", { pausedHere: "Off.", failingSince: 1 }, "paused"],
    ["the peer is revoked, whatever else", { peerStatus: "revoked", pausedHere: "Off." }, "revoked"],
    ["the credential has ended", { expiresAt: NOW }, "expired"],
    ["the credential ends soon", { expiresAt: NOW + 1 }, "active"],
    ["the peer says it has ended", { expiredThere: true, failingSince: 1 }, "expired"],
    ["another instance answers", { strangerId: "x" }, "failing"],
    ["another instance answers, and the credential has ended", { strangerId: "x", expiredThere: true }, "failing"],
  ])("%s", (_, over, state) => {
    const standing = linkState(facts(over), NOW);
    expect(standing.state).toBe(state);
    expect(standing.why).toMatch(/\.$/);
  });

  it("shows the cause of a failure, and of a pause by the hub", () => {
    expect(linkState(facts({ failingSince: 1, lastFailure: "Nobody listens." }), NOW).why).toBe("Nobody listens.");
    expect(linkState(facts({ peerStatus: "paused", statusReason: "410 Gone." }), NOW).why).toBe("410 Gone.");
  });
});

test("a peer's badge is the worst of its directions", () => {
  const fromWorst = ["failing", "expired", "revoked", "waiting", "paused", "active"] as const;
  expect([...fromWorst].sort()).toEqual([...LINK_STATES].sort());
  for (const [place, worst] of fromWorst.entries()) expect(worstState(fromWorst.slice(place).reverse())).toBe(worst);
  expect(worstState([])).toBe("waiting");
});

test("availability is of the minutes in which the link was used", () => {
  expect(availability({ up: 3, tried: 4 })).toBe(0.75);
  expect(availability({ up: 0, tried: 0 })).toBeNull();
});

test("a clock's difference is read off a Date header", () => {
  const sent = Date.parse("2026-01-01T00:00:10.000Z");
  expect(clockOffset("Thu, 01 Jan 2026 00:01:10 GMT", sent, sent + 1_000)).toBe(60_000);
  expect(clockOffset(null, sent, sent)).toBeNull();
  expect(clockOffset("yesterday", sent, sent)).toBeNull();
});

test("a pairing link survives line breaks and a missing prefix; anything else is none", () => {
  const link = {
    v: 1 as const,
    id: "01a212fe-e2a2-7636-bee2-a61600a62dbf",
    url: "https://staging.example.com",
    secret: "s".repeat(22),
    expires: 5,
    instance: "stagîng",
    offer: { maker_to_opener: "pull" as const, opener_to_maker: "push" as const, scopes: ["*"], max_hops: 3 },
  };
  const text = writePairingLink(link);
  expect(readPairingLink(text)).toEqual({ ok: true, link });
  expect(readPairingLink(`\n ${text.slice("kite://pair/".length, 60)}\r\n${text.slice(60)} `)).toEqual({
    ok: true,
    link,
  });
  for (const wrong of ["", "kite://pair/", text.slice(0, -4), "https://example.com", "🪁"])
    expect(readPairingLink(wrong).ok).toBe(false);
});

test.each([0, 1, 2, 3])("the words of two digests differ where the digests do: byte %i is word %i", (place) => {
  const said = Array.from({ length: 256 }, (_, byte) => {
    const words = wordsOf(Uint8Array.from({ length: 32 }, (_, at) => (at === place ? byte : 7))).split(" ");
    expect(words).toHaveLength(4);
    return words[place];
  });
  expect(new Set(said).size).toBe(256);
});
