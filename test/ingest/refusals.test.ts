import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROVIDER_HINTS } from "../../src/shared/provider-hints.ts";
import { explainRefusal, HOOK_REASONS } from "../../src/shared/refusals.ts";

const signature = { provider: "stripe", header: "stripe-signature" };

describe("a refusal in words", () => {
  it.each([
    ["bad_signature", { ...signature, problem: "missing" }, /^The Stripe signature is missing: .* stripe-signature\./],
    ["bad_signature", { ...signature, problem: "malformed" }, /^The Stripe signature cannot be read/],
    [
      "bad_signature",
      { ...signature, problem: "stale", off_by_s: 119, tolerance_s: 5 },
      /off by 119 s; 5 s are allowed/,
    ],
    ["bad_signature", { ...signature, problem: "stale", off_by_s: -423 }, /off by 7 min 3 s in the future/],
    ["bad_signature", { ...signature, problem: "stale", off_by_s: 7_263 }, /off by 2 h 1 min;/],
    ["bad_signature", { ...signature, problem: "stale", off_by_s: 795_900_903 }, /off by 9211 days;/],
    ["bad_signature", { ...signature, problem: "expired_secret", expired_at: "then" }, /was good until then/],
    [
      "bad_signature",
      { ...signature, problem: "mismatch", urls: ["http://a", "https://a"] },
      /tried http:\/\/a, https:\/\/a/,
    ],
    ["bad_signature", { header: "x-kite-signature" }, /Compare the tokens on both sides/],
    ["bad_token", { presented: "path", expected_prefix: "aaaaaaaa" }, /The token in the URL is no hook token/],
    ["bad_token", { presented: "bearer", token_of: "other" }, /the one of the endpoint other/],
    ["rate_limited", { limit: 5 }, /limit of 5 requests a second/],
    ["unauthorized", { bearer: "present" }, /No peer of this team/],
    ["unauthorized", { bearer: "absent" }, /No token was presented/],
    ["peer_revoked", { status: "revoked" }, /nothing is accepted from it/],
    ["body_limit", { limit: 10 }, /more than 10 bytes/],
    ["own_id_in_chain", { instance: "a", chain: ["a", "b"] }, /a → b/],
    ["internal_event", { type: "kite.x" }, /kite\.x are internal/],
    ["a_new_reason", {}, /refused: a new reason/],
  ])("%s %j", (reason, evidence, words) => {
    expect(explainRefusal(reason, evidence)).toMatch(words);
  });

  it("of a signature begins as a sentence does, and ends with where to mend it", () => {
    for (const { source, label, secretAt } of PROVIDER_HINTS) {
      const words = explainRefusal("bad_signature", { provider: source, header: "x-signature", problem: "mismatch" });
      expect(words).toMatch(new RegExp(`^The ${label} signature in x-signature does not match the body\\. `));
      expect(words).toContain(`${label}, under ${secretAt}`);
    }
  });

  it("is a sentence for every reason, whatever evidence there is", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()), fc.constant(null));
    const keys = fc.constantFrom("provider", "header", "problem", "presented", "urls", "off_by_s", "token_of", "limit");
    fc.assert(
      fc.property(fc.constantFrom(...HOOK_REASONS, "other"), fc.dictionary(keys, value), (reason, evidence) => {
        expect(explainRefusal(reason, evidence)).toBeTypeOf("string");
      }),
    );
  });
});
