import fc from "fast-check";
import {
  type Choose,
  LOCAL_PROVENANCE,
  type PeerPolicy,
  type Publication,
  type SimulationStep,
  type Topology,
  type TopologyLink,
} from "../../src/shared/rules/index.ts";

const MAX_INSTANCES = 8;
const EVENT_TYPES = ["com.github.push", "com.stripe.charge.failed", "kite.federation.delivery_failed"];
const DATA_BYTES = [10, 1_000];

const SCOPES: readonly (readonly string[])[] = [
  ["*"],
  ["*"],
  ["github.*", "stripe.*"],
  ["com.*"],
  ["stripe.*"],
  ["com.github.push"],
  ["*.failed"],
  [],
];

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

const SEED = fc.nat({ max: 2 ** 30 });

function readLink(seed: number, index: number, count: number, ids: readonly string[]): TopologyLink {
  const digits = new Digits(seed);
  const from = digits.below(count);
  const to = digits.below(count);
  const instanceId = ids[to] ?? "";
  const maxHops = [3, 3, 2, 4, 8, 1, 5, 0, 64, 6][digits.below(10)] ?? 3;
  const scopes = digits.below(3) > 0 ? ["*"] : (SCOPES[digits.below(SCOPES.length)] ?? []);
  const status: PeerPolicy["status"] =
    (["active", "active", "active", "paused", "active", "active", "revoked"] as const)[digits.below(7)] ?? "active";
  // Half of the links know the peer's id, a quarter goes by a name that is the id, a quarter by one that is not.
  const known = digits.below(4);
  const policy: PeerPolicy = {
    id: `link-${index}`,
    name: known === 1 ? instanceId : `peer ${index}`,
    instanceId: known === 0 || known === 2 ? instanceId : null,
    status,
    scopes,
    maxHops,
    maxBytes: digits.below(5) === 4 ? 500 : 262_144,
    revision: 1,
  };
  return { id: policy.id, from: `k${from}`, to: `k${to}`, policy };
}

/** Up to eight instances and any links between them: cycles, diamonds, one-way and double links, links to oneself. */
function topologies(idsOf: (count: number) => readonly string[]): fc.Arbitrary<Topology> {
  return fc
    .tuple(fc.integer({ min: 1, max: MAX_INSTANCES }), fc.array(SEED, { maxLength: 22, size: "max" }))
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

const events = fc.record({
  type: fc.constantFrom(...EVENT_TYPES.slice(0, 2), ...EVENT_TYPES),
  dataBytes: fc.constantFrom(...DATA_BYTES),
});

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
