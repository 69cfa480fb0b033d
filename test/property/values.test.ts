import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import {
  type BreakerOutcome,
  type BreakerPolicy,
  breaker,
  checkIntegrity,
  classifyResponse,
  closedBreaker,
  compileScopes,
  DROP_REASONS,
  decide,
  explainReason,
  findCycles,
  INBOUND_REASONS,
  INTEGRITY_ISSUES,
  invalidScope,
  MAX_HOPS,
  matchScope,
  nextAttempt,
  nextProvenance,
  type PeerPolicy,
  parseRetryAfter,
  permits,
  planSchedule,
  type RetryPolicy,
  readProvenance,
  relax,
  wireProvenance,
} from "../../src/shared/rules/index.ts";
import { runs } from "./arbitraries.ts";
import { glob } from "./oracle.ts";

/** Properties of the single rules: total on whatever comes, and true to a simpler reference where there is one. */

const RUNS = { numRuns: 1_000 };

const anyText = fc.string({ unit: fc.oneof(fc.constantFrom("\u0000", "\ud800", "\u202e", '"', "\n"), fc.string()) });
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, 2 ** 53),
);
const anyJson = fc.oneof(fc.jsonValue(), anyText, fc.anything());
const ids = fc.array(
  fc.oneof(fc.constantFrom("a", "b", "__proto__", "constructor", "", "x".repeat(129), "\u0001"), anyText),
  {
    maxLength: 70,
  },
);
const anyHops = fc.oneof(
  anyJson,
  anyNumber,
  anyNumber.map(String),
  fc.bigInt().map(String),
  fc.integer({ min: -3, max: 80 }),
);
const anyChain = fc.oneof(
  anyJson,
  ids,
  ids.map((list) => JSON.stringify(list)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);
const anyProvenance = fc.record({ origin: fc.option(anyText), chain: ids, hops: anyNumber });

const anyPeer: fc.Arbitrary<PeerPolicy> = fc.record({
  id: fc.string(),
  name: fc.constantFrom("a", "b", "me", "staging"),
  instanceId: fc.option(fc.constantFrom("a", "b", "me", "__proto__")),
  status: fc.constantFrom("active", "paused", "revoked"),
  scopes: fc.array(fc.oneof(fc.constant("*"), fc.string()), { maxLength: 3 }),
  maxHops: fc.oneof(fc.nat({ max: 70 }), anyNumber),
  maxBytes: anyNumber,
  revision: fc.nat(),
});
const anyEvent = fc.record({
  type: fc.oneof(fc.constant("com.github.push"), fc.string()),
  provenance: anyProvenance,
  dataBytes: anyNumber,
});

describe("readProvenance", () => {
  it("never throws; what it keeps is in bounds and can be stored, what it refuses has short, printable evidence", () => {
    const wires = fc.record({ origin: anyJson, chain: anyChain, hops: anyHops }, { requiredKeys: [] });
    const property = fc.property(wires, fc.option(anyText), (wire, caller) => {
      const read = readProvenance(wire, caller);
      if (!read.ok) {
        for (const value of Object.values(read.evidence)) {
          assert(typeof value !== "string" || (value.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(value)));
        }
        assert.match(explainReason(read.reason, read.evidence), /^The provenance is out of bounds: [a-z].*\.$/);
        return;
      }
      const { origin, chain, hops } = read.provenance;
      assert(Number.isInteger(hops) && hops >= chain.length && hops <= MAX_HOPS && !Object.is(hops, -0));
      assert(chain.length <= 64);
      for (const id of [...chain, origin ?? ""]) assert(id.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(id));
      for (const issue of read.issues) assert(INTEGRITY_ISSUES.includes(issue));
      assert.equal(new Set(read.issues).size, read.issues.length);
    });
    fc.assert(property, { numRuns: 5_000 });
  });

  it("reads back what was written, and finds nothing odd in what honest instances wrote", () => {
    const names = fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 128 }).filter((id) => !/[\p{Cc}\p{Cs}]/u.test(id)),
      {
        minLength: 1,
        maxLength: 64,
      },
    );
    const property = fc.property(names, fc.boolean(), (chain, decimal) => {
      const sent = chain.reduce(nextProvenance, { origin: null, chain: [], hops: 0 });
      const { kitefedorigin, kitefedchain, kitefedhops } = wireProvenance(sent);
      const hops = decimal ? String(kitefedhops) : kitefedhops;
      const read = readProvenance({ origin: kitefedorigin, chain: kitefedchain, hops }, chain.at(-1));
      assert.deepEqual(read, { ok: true, provenance: sent, issues: [] });
    });
    fc.assert(property, RUNS);
  });

  it("counts no copy with fewer hops than its hop count or its chain says", () => {
    const property = fc.property(
      fc.nat({ max: 100 }),
      fc.array(fc.constantFrom("a", "b"), { maxLength: 64 }),
      (hops, chain) => {
        const read = readProvenance({ chain: JSON.stringify(chain), hops });
        assert(read.ok && read.provenance.hops === Math.max(hops, chain.length));
        assert.equal(read.issues.includes("hops_mismatch"), hops !== chain.length);
        assert.deepEqual(read.issues, checkIntegrity(read.provenance, hops, null));
      },
    );
    fc.assert(property, RUNS);
  });
});

describe("scopes", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
  const types = fc.tuple(
    fc.constantFrom("", "com."),
    fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 }),
  );

  it("match as the regular expression does", () => {
    const property = fc.property(letters, types, (pattern, [prefix, rest]) => {
      assert.equal(matchScope(pattern, prefix + rest), glob(pattern, prefix + rest));
    });
    fc.assert(property, { numRuns: 5_000 });
  });

  it("match together if one of them does, whatever they are", () => {
    const property = fc.property(
      fc.array(fc.oneof(letters, anyText), { maxLength: 4 }),
      fc.oneof(letters, anyText),
      (patterns, type) => {
        const one = patterns.some((pattern) => matchScope(pattern, type));
        assert.equal(compileScopes(patterns)(type), one);
        for (const pattern of patterns)
          assert(invalidScope(pattern) === null || typeof invalidScope(pattern) === "string");
      },
    );
    fc.assert(property, RUNS);
  });
});

describe("decide and relax", () => {
  it("say something about any event and any peer, and explain it", () => {
    const property = fc.property(anyEvent, anyPeer, (event, peer) => {
      const decision = decide(event, { instanceId: "me" }, peer);
      if (decision.outcome === "forward") {
        assert(decision.provenance.hops > event.provenance.chain.length);
        assert.equal(decision.provenance.chain.at(-1), "me");
        assert(decision.provenance.chain.length <= 64);
      } else {
        assert(DROP_REASONS.includes(decision.reason));
        assert(explainReason(decision.reason, decision.evidence).length > 10);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("relax takes nothing back, and sends only what is shorter", () => {
    const newest = fc.option(
      fc.record({
        hops: fc.nat({ max: 70 }),
        state: fc.constantFrom(
          "pending" as const,
          "sending" as const,
          "delivered" as const,
          "dead" as const,
          "cancelled" as const,
        ),
      }),
    );
    const standings = fc.array(fc.record({ peer: anyPeer, newest }), { maxLength: 4 });
    const property = fc.property(anyEvent, anyProvenance, standings, (held, arriving, standings) => {
      const result = relax(held, arriving, { instanceId: "me" }, standings);
      assert.equal(result.peers.length, result.replaced ? standings.length : 0);
      for (const [index, relaxation] of result.peers.entries()) {
        const entry = standings[index]?.newest ?? null;
        if (relaxation.action === "drop") assert.equal(entry, null);
        if ("provenance" in relaxation && entry !== null) assert(relaxation.provenance.hops < entry.hops);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("explain any reason with any evidence", () => {
    const values = fc.oneof(fc.string(), anyNumber, fc.boolean(), fc.array(fc.string()), fc.constant(null));
    const property = fc.property(
      fc.constantFrom(...DROP_REASONS, ...INBOUND_REASONS),
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom("chain", "hops", "problem", "toString", "__proto__")),
        values,
      ),
      (reason, evidence) => assert.equal(typeof explainReason(reason, evidence), "string"),
    );
    fc.assert(property, RUNS);
  });
});

describe("the schedule", () => {
  const policies: fc.Arbitrary<RetryPolicy> = fc.record({
    ages: fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 1, maxLength: 30 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    minAttempts: fc.nat({ max: 10 }),
    maxRetryAfterMs: fc.nat({ max: 10 ** 9 }),
  });

  it("always ends, waits a finite time, never less than was asked, and jitters no more than it may", () => {
    const step = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.nat({ max: 2 * 10 ** 9 })));
    const property = fc.property(policies, fc.array(step, { minLength: 1, maxLength: 5 }), (policy, steps) => {
      const horizon = Math.max(...policy.ages);
      const first = Math.min(...policy.ages);
      const longest = Math.max(...planSchedule(policy).map(({ delayMs }) => delayMs));
      let ageMs = 0;
      for (let attempts = 1; ; attempts++) {
        const [rand, asked] = steps[attempts % steps.length] ?? [0, null];
        const next = nextAttempt(policy, { ageMs, attempts }, rand, asked);
        if (next.outcome === "give_up") {
          assert(ageMs >= horizon && attempts >= policy.minAttempts);
          return;
        }
        const bound = Math.min(asked ?? 0, policy.maxRetryAfterMs);
        assert(Number.isFinite(next.delayMs));
        assert(next.delayMs >= Math.floor(bound));
        assert(next.delayMs <= Math.ceil(Math.max(longest, first, bound) * 1.5));
        assert(next.delayMs >= 1, "a wait of nothing is a loop");
        ageMs += next.delayMs;
        // With the most jitter on the short side each step of the schedule is gone twice.
        assert(attempts <= 2 * policy.ages.length + policy.minAttempts + 2);
      }
    });
    fc.assert(property, RUNS);
  });

  it("copes with any numbers", () => {
    const nonsense = fc.record({
      ages: fc.array(anyNumber),
      jitter: anyNumber,
      minAttempts: anyNumber,
      maxRetryAfterMs: anyNumber,
    });
    const property = fc.property(
      nonsense,
      anyNumber,
      anyNumber,
      anyNumber,
      fc.option(anyNumber),
      (policy, ageMs, attempts, rand, asked) => {
        const next = nextAttempt(policy, { ageMs, attempts }, rand, asked);
        if (next.outcome === "retry") assert(next.delayMs >= 0);
        for (const planned of planSchedule(policy)) assert(Number.isFinite(planned.ageMs));
      },
    );
    fc.assert(property, RUNS);
  });

  it("reads any Retry-After, and any status", () => {
    const property = fc.property(
      fc.oneof(anyText, anyNumber.map(String)),
      anyNumber,
      anyNumber,
      (header, now, status) => {
        const wait = parseRetryAfter(header, now);
        assert(wait === null || wait >= 0);
        assert(classifyResponse(status, 3).reason.length > 0);
      },
    );
    fc.assert(property, RUNS);
  });
});

describe("the breaker", () => {
  const policies: fc.Arbitrary<BreakerPolicy> = fc.record({
    failureThreshold: fc.integer({ min: 1, max: 5 }),
    probeDelayMs: fc.integer({ min: 1, max: 1_000 }),
    maxProbeDelayMs: fc.integer({ min: 1_000, max: 5_000 }),
    probeTimeoutMs: fc.integer({ min: 1, max: 1_000 }),
  });
  const outcomes: fc.Arbitrary<BreakerOutcome> = fc.oneof(
    fc.constant({ kind: "success" as const }),
    fc.record({
      kind: fc.constant("failure" as const),
      cause: fc.constant("http_503"),
      retryAfterMs: fc.option(fc.nat()),
    }),
    fc.constant({ kind: "probe" as const }),
  );

  it("never locks a peer out: whatever happened, it sends or probes within the longest wait", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -500, max: 2_000 }), outcomes), { maxLength: 30 });
    const property = fc.property(policies, steps, (policy, steps) => {
      let now = 0;
      let state = closedBreaker(now);
      for (const [passed, outcome] of steps) {
        now += passed;
        state = breaker(state, outcome, now, policy);
        assert.equal(state.phase === "closed", state.probeAt === null);
        assert.equal(state.phase === "closed", state.cause === null);
        if (state.phase === "closed") assert(state.failures < policy.failureThreshold);
        const longest = Math.max(policy.maxProbeDelayMs, policy.probeTimeoutMs);
        assert.notEqual(permits(state, state.since + longest), "wait");
      }
    });
    fc.assert(property, RUNS);
  });
});

describe("cycles", () => {
  it("are those that trying every way finds", () => {
    const property = fc.property(runs(), ({ topology }) => {
      const { cycles, components, complete } = findCycles(topology, { maxCycles: 1e9, maxSteps: 1e9 });
      assert(complete);
      const live = topology.links.filter(({ policy }) => policy.status !== "revoked");
      const expected = new Set<string>();
      const walk = (path: readonly string[]): void => {
        for (const { from, to } of live) {
          if (from !== path.at(-1)) continue;
          if (to === path[0]) expected.add(path.join());
          else if (!path.includes(to) && to > (path[0] ?? "")) walk([...path, to]);
        }
      };
      for (const { key } of topology.instances) walk([key]);
      assert.deepEqual(cycles.map((cycle) => cycle.join()).sort(), [...expected].sort());
      for (const cycle of cycles) assert(components.some((component) => cycle.every((key) => component.includes(key))));
      assert.deepEqual(new Set(components.flat()), new Set(cycles.flat()));
    });
    fc.assert(property, { numRuns: 500 });
  });
});
