import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changedFields,
  changeOf,
  conflictsOf,
  type PeerDraft,
  rebased,
} from "../../src/renderer/screens/peers/draft.ts";
import { readAges, writeAges } from "../../src/renderer/screens/peers/retry-ages.ts";

const base: PeerDraft = {
  name: "staging",
  hookUrl: "https://staging.example/hooks/t/kite",
  scopes: ["*"],
  maxHops: 3,
  maxBytes: 262_144,
  ordered: false,
  newestFirst: false,
  allowPrivate: false,
  receiveOnly: false,
  environment: "staging",
  label: "",
  colour: "",
  retry: { ages: [5_000], jitter: 0.2, minAttempts: 6, maxRetryAfter: 60_000 },
  masks: [],
};

describe("the ages of retries", () => {
  it("are read as they are written", () => {
    const ages = fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(ages, (found) => {
        const sorted = found.toSorted((a, b) => a - b);
        expect(readAges(writeAges(sorted))).toEqual({ ages: sorted });
      }),
    );
  });

  it.each([
    ["", /at least one/],
    ["5", /no age/],
    ["5s, soon", /soon is no age/],
    ["30s, 10s", /10s must be later/],
    ["0s", /must be later/],
  ])("says what is wrong with %j", (text, problem) => {
    expect(readAges(text)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

describe("a draft of a peer's settings", () => {
  it("sends only what was changed, and an empty label as none", () => {
    const labelled = { ...base, label: "EU" };
    const draft = { ...labelled, label: "", maxHops: 4 };
    expect(changeOf(labelled, draft)).toEqual({ label: null, maxHops: 4 });
  });

  it("takes over what was changed elsewhere, and keeps what was changed here", () => {
    const draft = { ...base, name: "mine" };
    const now = { ...base, maxHops: 9 };
    expect(conflictsOf(base, draft, now)).toEqual([]);
    const next = rebased(base, draft, now);
    expect(next).toMatchObject({ name: "mine", maxHops: 9 });
    expect(changedFields(now, next)).toEqual(["name"]);
  });

  it("is in conflict only where both changed one field to different values", () => {
    expect(conflictsOf(base, { ...base, name: "mine" }, { ...base, name: "theirs" })).toEqual(["name"]);
    expect(conflictsOf(base, { ...base, name: "same" }, { ...base, name: "same" })).toEqual([]);
  });
});
