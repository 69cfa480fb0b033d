import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTestLab } from "./lab-fixture.ts";

const KEYS = ["A", "B", "C", "D"] as const;
const TYPES = ["com.github.push", "com.stripe.charge.failed", "com.example.order"];

const link = fc.record({
  ends: fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...KEYS)).filter(([from, to]) => from !== to),
  maxHops: fc.constantFrom(3, 3, 2, 1, 5),
  scopes: fc.constantFrom(["*"], ["*"], ["*"], ["github.*"], ["stripe.*", "com.example.*"]),
  maxBytes: fc.constantFrom(262_144, 262_144, 500),
  status: fc.constantFrom("active", "active", "active", "active", "active", "revoked"),
});
const events = fc.array(
  fc.record({ at: fc.constantFrom(...KEYS), type: fc.constantFrom(...TYPES), bytes: fc.constantFrom(64, 1_000) }),
  { minLength: 4, maxLength: 4 },
);

/** Real hubs are slow to start, so each random topology is asked about several random events. */
const labs = fc.sample(fc.tuple(fc.array(link, { minLength: 5, maxLength: 9 }), events), {
  numRuns: 6,
  seed: 20_260_414,
});

describe("on real hubs, every event is where Explain says, and stopped by the rule it names", () => {
  test.each(labs.map((lab, index) => [index, ...lab] as const))("random topology %i", async (_, drawn, published) => {
    const links = new Map(drawn.map(({ ends: [from, to], ...policy }) => [`${from}>${to}`, { from, to, ...policy }]));
    const lab = await openTestLab({
      name: "random",
      lesson: "",
      topology: { instances: KEYS.map((key) => ({ key })), links: [...links.values()] },
      steps: published.map((event) => ({ do: "publish", ...event })),
      expect: [{ that: "predicted" }],
    });
    const { published: count, expectations } = await lab.run();
    expect(count).toBe(4);
    expect(expectations).toMatchObject([{ sentence: "Explain predicts every outcome", ok: true, details: [] }]);
  });
});
