import { describe, expect, it } from "vitest";
import { DROP_REASONS, explainReason, INBOUND_REASONS, type Reason } from "../../src/shared/rules/index.ts";

const ALL: readonly Reason[] = [...DROP_REASONS, ...INBOUND_REASONS];

it("keeps the order of the checks, which is a contract", () => {
  expect(DROP_REASONS).toEqual([
    "peer_revoked",
    "receive_only",
    "internal_event",
    "out_of_scope",
    "unconfirmed_instance",
    "loop",
    "hop_limit",
    "too_large",
  ]);
});

describe("explainReason", () => {
  it.each<[Reason, Record<string, string | number | readonly string[]>, string]>([
    ["peer_revoked", { status: "revoked" }, "The peer is revoked: nothing is sent to it."],
    ["receive_only", { peer: "production" }, "The peer production is set to receive only: nothing is sent to it."],
    [
      "unconfirmed_instance",
      { instance: "?staging", chain: ["?staging"] },
      "The event was pulled from ?staging, whose instance id nobody has confirmed: it stays here.",
    ],
    [
      "internal_event",
      { type: "kite.federation.delivery_failed" },
      "Events of type kite.federation.delivery_failed are internal and never leave the instance they happened on.",
    ],
    [
      "out_of_scope",
      { type: "com.github.push", scopes: ["stripe.*", "slack.*"] },
      "The type com.github.push matches none of the peer's scopes: stripe.*, slack.*.",
    ],
    ["out_of_scope", { type: "t", scopes: [] }, "The type t matches none of the peer's scopes: none."],
    ["loop", { instance: "b", chain: ["a", "b"] }, "The event has already been at b: it came by a → b."],
    ["hop_limit", { hops: 3, limit: 3 }, "The event has made 3 hops, and the limit of this link is 3."],
    ["too_large", { bytes: 9, limit: 5 }, "The event's data has 9 bytes, and the limit of this link is 5."],
    [
      "own_id_in_chain",
      { instance: "a", chain: ["a", "b"] },
      "The event has already been here: this instance, a, stands in its chain, a → b.",
    ],
    [
      "duplicate",
      { hops: 4, held_hops: 2 },
      "This event is here already: a copy with 2 hops is held, and this one has 4.",
    ],
    [
      "provenance_invalid",
      { field: "kitefedchain", problem: "too_many_ids", count: 65, limit: 64 },
      "The provenance is out of bounds: the chain has 65 ids, and may have at most 64 (kitefedchain).",
    ],
  ])("%s", (reason, evidence, sentence) => {
    expect(explainReason(reason, evidence)).toBe(sentence);
  });

  it.each(ALL)("%s: says a sentence without any evidence, and without names of the language", (reason) => {
    const sentence = explainReason(reason, {});
    expect(sentence).toMatch(/^The |^Events |^This /);
    expect(sentence).not.toMatch(/undefined|null|function|\[object/);
  });
});
