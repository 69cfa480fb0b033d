import { z } from "zod";
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_HOPS } from "../rules/index.ts";
import { isPush, knownIdOf, type MapLink, nameOf, type TopologyMap } from "./map.ts";

const link = z.string().describe("Id of a link of the map.");

/** One change that can be tried out on a map before it is made. */
export const Change = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("limits"),
    link,
    maxHops: z.int().min(1).max(64).optional(),
    maxBytes: z.int().min(1).optional(),
  }),
  z.strictObject({ kind: z.literal("scopes"), link, scopes: z.array(z.string().min(1).max(256)).max(1_000) }),
  z.strictObject({ kind: z.literal("status"), link, status: z.enum(["active", "paused", "revoked"]) }),
  z.strictObject({ kind: z.literal("instance_id"), link, instanceId: z.string().min(1).max(128) }),
  z.strictObject({ kind: z.literal("cut"), link }),
  z.strictObject({
    kind: z.literal("add"),
    from: z.string().describe("Key of the sending instance."),
    to: z.string().describe("Key of the receiving instance."),
    scopes: z.array(z.string().min(1).max(256)).max(1_000).default(["*"]),
    maxHops: z.int().min(1).max(64).default(DEFAULT_MAX_HOPS),
  }),
]);
export type Change = z.infer<typeof Change>;

/** The map as it would be, and the changes that do not fit it, with the reason. */
export interface ChangedMap {
  readonly map: TopologyMap;
  readonly problems: readonly { readonly change: number; readonly problem: string }[];
}

/** Applies changes to a copy of the map, in their order. */
export function applyChanges(map: TopologyMap, changes: readonly Change[]): ChangedMap {
  let changed = map;
  const problems: { change: number; problem: string }[] = [];
  for (const [index, change] of changes.entries()) {
    const problem = problemOf(changed, change);
    if (problem === null) changed = { ...changed, links: changeLinks(changed, change) };
    else problems.push({ change: index, problem });
  }
  return { map: changed, problems };
}

function problemOf(map: TopologyMap, change: Change): string | null {
  if (change.kind === "add") {
    const missing = [change.from, change.to].find((key) => !map.instances.some((instance) => instance.key === key));
    if (missing !== undefined) return `There is no instance ${missing} in the map.`;
    if (change.from === change.to) return "A link leads from one instance to another.";
    const policy = twinOf(map, change)?.policy;
    if (policy == null || isShut(policy)) return null;
    const [from, to] = [nameOf(map, change.from), nameOf(map, change.to)];
    return policy.receiveOnly
      ? `${to} is marked receive only at ${from}: that is lifted in the settings of the peer, by its name.`
      : `There is a link from ${from} to ${to} already; change that one.`;
  }
  const link = map.links.find(({ id }) => id === change.link);
  if (link === undefined) return `There is no link ${change.link} in the map.`;
  if (link.policy === null && change.kind !== "cut")
    return "Nobody told this link's settings, so there is nothing to change: it is known from past events only.";
  return null;
}

type Added = Extract<Change, { kind: "add" }>;

/** The peer that stands for the receiver at the sender already, as it does where events come from there. */
export function twinOf({ links }: TopologyMap, { from, to }: Added): MapLink | undefined {
  return links.find((link) => link.from === from && link.to === to && link.policy !== null && isPush(link));
}

/** Lets nothing through, and may be opened. */
function isShut({ scopes, status, receiveOnly }: NonNullable<MapLink["policy"]>): boolean {
  return !receiveOnly && (scopes.length === 0 || status === "revoked");
}

function changeLinks(map: TopologyMap, change: Change): MapLink[] {
  switch (change.kind) {
    case "add":
      return addLink(map, change);
    case "cut":
      return map.links.filter(({ id }) => id !== change.link);
    default:
      return map.links.map((one) => (one.id === change.link ? changeLink(one, change) : one));
  }
}

function changeLink(link: MapLink, change: Exclude<Change, { kind: "add" | "cut" }>): MapLink {
  const { policy } = link;
  if (policy === null) return link;
  switch (change.kind) {
    case "limits": {
      const { maxHops = policy.maxHops, maxBytes = policy.maxBytes } = change;
      return { ...link, policy: { ...policy, maxHops, maxBytes } };
    }
    case "scopes":
      return { ...link, policy: { ...policy, scopes: change.scopes } };
    case "status":
      return { ...link, policy: { ...policy, status: change.status } };
    case "instance_id":
      return { ...link, policy: { ...policy, instanceId: change.instanceId } };
  }
}

/** Where a peer stands for the receiver, it is opened: two peers for one instance would send everything twice. */
function addLink(map: TopologyMap, change: Added): MapLink[] {
  const twin = twinOf(map, change);
  if (twin === undefined) return [...map.links, newLink(map, change)];
  const { scopes, maxHops } = change;
  return map.links.map((one) =>
    one === twin && one.policy !== null
      ? { ...one, policy: { ...one.policy, scopes, maxHops, status: "active" as const } }
      : one,
  );
}

function newLink(map: TopologyMap, { from, to, scopes, maxHops }: Added): MapLink {
  const receiver = map.instances.find(({ key }) => key === to);
  const id = `new:${from}>${to}`;
  const name = receiver?.name ?? to;
  const policy = {
    id,
    name,
    instanceId: receiver === undefined ? null : knownIdOf(receiver),
    status: "active" as const,
    scopes,
    maxHops,
    maxBytes: DEFAULT_MAX_BYTES,
    receiveOnly: false,
    revision: 0,
  };
  return { id, from, to, policy, known: [] };
}
