import fc from "fast-check";
import {
  type Choose,
  DELIVERY_FAILED_TYPE,
  LOCAL_PROVENANCE,
  type PeerPolicy,
  type Publication,
  type SimulationStep,
  type Topology,
  type TopologyLink,
} from "../../src/shared/rules/index.ts";

const MAX_INSTANCES = 8;
const events = fc.record({
  type: fc.noBias(
    fc.oneof(
      { weight: 10, arbitrary: fc.constant("com.github.push") },
      { weight: 4, arbitrary: fc.constant("com.stripe.charge.failed") },
      { weight: 1, arbitrary: fc.constant(DELIVERY_FAILED_TYPE) },
    ),
  ),
  dataBytes: fc.constantFrom(10, 1_000),
});

const SCOPES = [["github.*", "stripe.*"], ["com.*"], ["stripe.*"], ["com.github.push"], ["*.failed"], []];
const HOP_LIMITS = [3, 3, 3, 2, 4, 3, 5, 8, 3, 1, 64, 6, 4, 3, 7, 0];

/** Reads small numbers off one large one, so that a whole link is a single number to fast-check, quick to make and shrink. */
class Digits {
  #rest: number;

  constructor(seed: number) {
    this.#rest = seed;
  }

  below(base: number): number {
    const digit = this.#rest % base;
    this.#rest = Math.floor(this.#rest / base);
    return digit;
  }
}

function readLink(seed: number, index: number, count: number, ids: readonly string[]): TopologyLink {
  const digits = new Digits(seed);
  const from = digits.below(count);
  // Half of the links lead to the next instance, so that there are long ways to cut short, and some to where they come from.
  const step = digits.below(16) < 8 ? 1 : digits.below(count);
  const to = (from + step) % count;
  const maxHops = HOP_LIMITS[digits.below(HOP_LIMITS.length)] ?? 3;
  const scopes = digits.below(8) < 7 ? ["*"] : (SCOPES[digits.below(SCOPES.length)] ?? []);
  const state = digits.below(32);
  const maxBytes = digits.below(16) === 15 ? 500 : 262_144;
  // Half of the links know the peer's id, a quarter goes by a name that is the id, a quarter by one that is not.
  const known = digits.below(4);
  const instanceId = ids[to] ?? "";
  const policy: PeerPolicy = {
    id: `link-${index}`,
    name: known === 1 ? instanceId : `peer ${index}`,
    instanceId: known === 0 || known === 2 ? instanceId : null,
    status: state === 31 ? "revoked" : state === 30 ? "paused" : "active",
    scopes,
    maxHops,
    maxBytes,
    revision: 1,
  };
  return { id: policy.id, from: `k${from}`, to: `k${to}`, policy };
}

/** Up to eight instances and any links between them: cycles, diamonds, one-way and double links, links to oneself. */
function topologies(idsOf: (count: number) => readonly string[]): fc.Arbitrary<Topology> {
  const seed = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const few = fc.array(seed, { maxLength: 8, size: "max" });
  const many = fc.array(seed, { minLength: 9, maxLength: 26, size: "max" });
  const seeds = fc.oneof({ withCrossShrink: true }, { weight: 1, arbitrary: few }, { weight: 4, arbitrary: many });
  // Without its bias to small numbers, which would make most topologies two instances and a loop.
  return fc
    .noBias(fc.tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8, 6, 7, 8, 8), seeds))
    .map(([count, seeds]) => {
      const ids = idsOf(count);
      return {
        instances: ids.map((instanceId, index) => ({ key: `k${index}`, instanceId })),
        links: seeds.map((seed, index) => readLink(seed, index, count, ids)),
      };
    });
}

export function uniqueIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `hub-${index}`);
}

/** Hubs share their ids in pairs, as copies of one data folder do. */
export function clonedIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `hub-${index % Math.ceil(count / 2)}`);
}

/** Everything about a run but the schedule. */
export interface Run {
  readonly topology: Topology;
  readonly event: { readonly type: string; readonly dataBytes: number };
  readonly publications: readonly Publication[];
}

/** An event that instances of a topology receive first-hand, or make: one of them, or up to `origins` of them. */
export function runs(origins = 1, idsOf = uniqueIds): fc.Arbitrary<Run> {
  const places = fc.array(fc.nat({ max: MAX_INSTANCES - 1 }), { minLength: 1, maxLength: origins });
  return fc.tuple(topologies(idsOf), events, places).map(([topology, event, places]) => {
    const keys = new Set(places.map((place) => topology.instances[place % topology.instances.length]?.key ?? ""));
    return { topology, event, publications: [...keys].map(firstHand) };
  });
}

export function firstHand(at: string): Publication {
  return { at, provenance: LOCAL_PROVENANCE, own: true };
}

/**
 * Adversaries: one who does anything, one who lets long copies go first and holds short ones back to the end, one who
 * always takes the newest. Each makes a fresh chooser, for a chooser has a memory.
 */
export const adversaries: fc.Arbitrary<() => Choose> = fc
  .tuple(
    fc.constantFrom("anything", "longest first", "newest first"),
    fc.array(fc.nat({ max: 9_999 }), { size: "max", maxLength: 40 }),
  )
  .map(([manner, numbers]) => {
    const make = (): Choose => {
      let turn = 0;
      const draw = (): number => numbers[turn++ % Math.max(numbers.length, 1)] ?? 0;
      switch (manner) {
        case "longest first":
          return (steps) => (draw() % 8 === 7 ? draw() : longest(steps));
        case "newest first":
          return (steps) => (draw() % 8 === 7 ? draw() : steps.length - 1);
        default:
          return draw;
      }
    };
    return Object.assign(make, { [fc.toStringMethod]: () => `${manner}: ${numbers.join(",")}` });
  });

/** The step of the copy with the most hops, as an index; faults are left to chance. */
export function longest(steps: readonly SimulationStep[]): number {
  let best = 0;
  let most = -2;
  for (const [index, step] of steps.entries()) {
    if (step.kind === "repeat" || step.kind === "lose" || step.kind === "time_out") continue;
    const hops = step.kind === "publish" ? -1 : step.provenance.hops;
    if (hops > most) {
      most = hops;
      best = index;
    }
  }
  return best;
}
