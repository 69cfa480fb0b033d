import { z } from "zod";
import { countOf } from "../count-of.ts";
import type { Provenance } from "../rules/index.ts";

/** A copy of an event that came to an instance. */
export interface ArrivedCopy {
  readonly provenance: Provenance;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `first`: stored as a new event. The others are what the log calls a further arrival. */
  readonly kind: "first" | "duplicate" | "shorter" | "conflict";
}

/** The ways by which copies of one event came to an instance: where they part, and where they meet again. */
export const WayMap = z.object({
  ways: z.array(
    z.object({
      chain: z.array(z.string()).describe("From the origin to the instance where the copies came in, which is last."),
      hops: z.int(),
      at: z.number(),
      kind: z.enum(["first", "duplicate", "shorter", "conflict"]),
      kept: z.boolean().describe("The log holds this copy's chain and hops."),
    }),
  ),
  forks: z.array(z.string()).describe("Instances from which the ways part."),
  joins: z.array(z.string()).describe("Instances in which different ways meet."),
  sentence: z.string(),
});
export type WayMap = z.infer<typeof WayMap>;

/** The duplicate map of an event at one instance: for a diamond two ways, with its two ends named. */
export function waysTo(instanceId: string, copies: readonly ArrivedCopy[]): WayMap {
  const inTime = [...copies].sort((a, b) => a.at - b.at);
  const kept = inTime.reduce<ArrivedCopy | undefined>(
    (best, copy) =>
      copy.kind !== "conflict" && (best === undefined || copy.provenance.hops < best.provenance.hops) ? copy : best,
    undefined,
  );
  const ways = inTime.map((copy) => ({
    chain: [...copy.provenance.chain, instanceId],
    hops: copy.provenance.hops,
    at: copy.at,
    kind: copy.kind,
    kept: copy === kept,
  }));
  const chains = distinct(ways.map(({ chain }) => chain));
  const forks = branching(chains, (chain, index) => chain[index + 1]);
  const joins = branching(chains, (chain, index) => chain[index - 1]);
  return { ways, forks, joins, sentence: sentenceOf(inTime, chains.length, forks, joins) };
}

function sentenceOf(
  copies: readonly ArrivedCopy[],
  ways: number,
  forks: readonly string[],
  joins: readonly string[],
): string {
  if (copies.length === 0) return "No copy of this event has come here.";
  const first = copies.find(({ kind }) => kind === "first");
  const late = copies.findLast(({ kind }) => kind === "shorter");
  if (copies.length === 1 && late === undefined) return "One copy came, and it is kept.";
  const parts: string[] = [];
  if (ways > 1) {
    const fork = forks.join(", ") || "different origins";
    parts.push(
      `${copies.length} copies came by ${ways} ways, which part at ${fork} and meet at ${joins.join(", ")}. This is no loop.`,
    );
  } else if (copies.length > 1)
    parts.push(`${copies.length} copies came by the same way: a sender tried again, or the event was posted twice.`);
  if (late !== undefined) {
    const { hops } = late.provenance;
    const longer =
      first === undefined ? "a longer one, whose way is not kept" : `the one with ${first.provenance.hops}`;
    parts.push(
      `A shorter copy came later, with ${countOf(hops, "hop")}. It took the place of ${longer}, and peers that needed it were sent it.`,
    );
  }
  if (copies.some(({ kind }) => kind === "conflict"))
    parts.push("One copy has the same id and other data: it was recorded as a conflict, and the first stays.");
  return parts.join(" ");
}

function distinct(chains: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(chains.map((chain) => [JSON.stringify(chain), chain])).values()];
}

/** Ids that have more than one neighbour on the side that `neighbour` looks to. */
function branching(
  chains: readonly (readonly string[])[],
  neighbour: (chain: readonly string[], index: number) => string | undefined,
): string[] {
  const neighbours = new Map<string, Set<string>>();
  for (const chain of chains) {
    for (const [index, id] of chain.entries()) {
      const next = neighbour(chain, index);
      if (next === undefined) continue;
      const known = neighbours.get(id) ?? new Set<string>();
      neighbours.set(id, known.add(next));
    }
  }
  return [...neighbours].flatMap(([id, known]) => (known.size > 1 ? [id] : []));
}
