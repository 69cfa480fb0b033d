import { z } from "zod";
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_HOPS, type Topology, type TopologyLink } from "../rules/index.ts";

export const MOST_INSTANCES = 12;

const key = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,30}$/, "must begin with a letter and have at most 31 letters, digits, _ or -")
  .describe("Names an instance of the lab, such as A or staging.");
const maxHops = z.int().min(1).max(64);

const Shape = z
  .strictObject({
    shape: z.enum(["pair", "chain", "ring", "star", "diamond", "mesh"]),
    instances: z
      .union([z.int().min(2).max(MOST_INSTANCES), z.array(key).min(2).max(MOST_INSTANCES)])
      .describe(
        "How many, named A, B, C …, or their names. The first of a star is its middle; a diamond begins with the first and ends with the last.",
      ),
    bothWays: z
      .boolean()
      .optional()
      .describe("Each link has one that leads back. A pair, a star and a mesh have them by default."),
    maxHops: maxHops.optional().describe("The hop limit of every link."),
  })
  .describe("A well-known shape.");

const DrawnLink = z.strictObject({
  from: key,
  to: key,
  maxHops: maxHops.optional(),
  maxBytes: z.int().min(1).optional(),
  scopes: z
    .array(z.string().min(1).max(256))
    .max(100)
    .optional()
    .describe("Globs on the event type; by default everything."),
  status: z.enum(["active", "paused", "revoked"]).optional(),
  knownAs: z
    .string()
    .min(1)
    .max(128)
    .nullable()
    .optional()
    .describe(
      "The instance id by which the sender knows the receiver; null if it does not know one. By default the right one.",
    ),
});

const Drawn = z
  .strictObject({
    instances: z
      .array(z.strictObject({ key, instanceId: z.string().min(1).max(128).optional().describe("By default the key.") }))
      .min(1)
      .max(MOST_INSTANCES),
    links: z.array(DrawnLink).max(MOST_INSTANCES * (MOST_INSTANCES - 1)),
  })
  .check((context) => {
    const keys = context.value.instances.map((instance) => instance.key);
    const names = new Set<string>();
    for (const [index, { from, to }] of context.value.links.entries()) {
      const unknown = [from, to].find((one) => !keys.includes(one));
      const problem =
        unknown !== undefined
          ? `there is no instance ${unknown}`
          : from === to
            ? "a link leads from one instance to another"
            : names.has(linkName(from, to))
              ? `there is a link ${linkName(from, to)} already`
              : null;
      if (problem !== null)
        context.issues.push({ code: "custom", message: problem, input: context.value, path: ["links", index] });
      names.add(linkName(from, to));
    }
    if (new Set(keys).size < keys.length)
      context.issues.push({
        code: "custom",
        message: "two instances have one key",
        input: context.value,
        path: ["instances"],
      });
  })
  .describe("Instances and links one by one.");

/** A topology as a file describes it: by a shape, or drawn. */
export const LabTopology = z.union([Shape, Drawn]);
export type LabTopology = z.infer<typeof LabTopology>;

const MaxHops = z.coerce.number().pipe(maxHops);

/** A hop limit as it is typed. @throws Error that says which ones there are */
export function readMaxHops(text: string): number {
  const read = MaxHops.safeParse(text);
  if (read.success) return read.data;
  throw new Error("--max-hops must be a whole number from 1 to 64.");
}

/** The same topology with this hop limit on every link. */
export function withMaxHops(topology: LabTopology, limit: number): LabTopology {
  if ("shape" in topology) return { ...topology, maxHops: limit };
  return { ...topology, links: topology.links.map((link) => ({ ...link, maxHops: limit })) };
}

/** What a link is called in a file. */
export function linkName(from: string, to: string): string {
  return `${from}>${to}`;
}

/** The topology that a file describes, as the rules read it. Links are named `A>B`. */
export function labTopology(described: LabTopology): Topology {
  const drawn = "shape" in described ? drawShape(described) : described;
  const instances = drawn.instances.map((instance) => ({
    key: instance.key,
    instanceId: instance.instanceId ?? instance.key,
  }));
  const links = drawn.links.map((link): TopologyLink => {
    const id = linkName(link.from, link.to);
    const known = instances.find((instance) => instance.key === link.to)?.instanceId ?? null;
    const policy = {
      id,
      name: link.to,
      instanceId: link.knownAs === undefined ? known : link.knownAs,
      status: link.status ?? ("active" as const),
      scopes: link.scopes ?? ["*"],
      maxHops: link.maxHops ?? DEFAULT_MAX_HOPS,
      maxBytes: link.maxBytes ?? DEFAULT_MAX_BYTES,
      revision: 1,
    };
    return { id, from: link.from, to: link.to, policy };
  });
  return { instances, links };
}

function drawShape(shape: z.infer<typeof Shape>): z.infer<typeof Drawn> {
  const keys =
    typeof shape.instances === "number"
      ? Array.from({ length: shape.instances }, (_, index) => String.fromCharCode(65 + index))
      : [...new Set(shape.instances)];
  const forth = waysOf(shape.shape, keys);
  const { bothWays = shape.shape === "pair" || shape.shape === "star" || shape.shape === "mesh" } = shape;
  const ways = bothWays ? [...forth, ...forth.map(([from, to]) => [to, from] as const)] : forth;
  const distinct = new Map(ways.map(([from, to]) => [linkName(from, to), { from, to }]));
  const limit = shape.maxHops === undefined ? {} : { maxHops: shape.maxHops };
  return {
    instances: keys.map((one) => ({ key: one })),
    links: [...distinct.values()].map((link) => ({ ...link, ...limit })),
  };
}

type Way = readonly [from: string, to: string];

function waysOf(shape: z.infer<typeof Shape>["shape"], keys: readonly string[]): Way[] {
  const [first = "", ...rest] = keys;
  const last = keys.at(-1) ?? first;
  const following = (list: readonly string[]): Way[] => list.slice(1).map((to, index) => [list[index] ?? "", to]);
  switch (shape) {
    case "pair":
    case "chain":
      return following(keys);
    case "ring":
      return following([...keys, first]);
    case "star":
      return rest.map((leaf) => [first, leaf]);
    case "diamond":
      return keys.slice(1, -1).flatMap((side): Way[] => [
        [first, side],
        [side, last],
      ]);
    case "mesh":
      return keys.flatMap((from) => keys.flatMap((to): Way[] => (from === to ? [] : [[from, to]])));
  }
}
