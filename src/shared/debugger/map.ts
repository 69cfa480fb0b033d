import { z } from "zod";
import type { PeerPolicy, Topology } from "../rules/index.ts";

/**
 * How something in the map is known. `own`: it stands in this instance's registry. `told`: the registry of `teller`
 * says so. `seen`: chains of past events prove it, or somebody forged them.
 */
export const Knowledge = z.object({
  by: z.enum(["own", "told", "seen"]),
  teller: z.string().nullable().describe("Key of the instance that told it; null when nobody did."),
  via: z
    .string()
    .nullable()
    .describe("Key of the peer that passed on what another hub told; null when it was told at first hand."),
  at: z.number().describe("When that was last known to hold. Milliseconds since 1970."),
  events: z.int().nullable().describe("How many events have proven it; null when it was not seen, but said."),
});
export type Knowledge = z.infer<typeof Knowledge>;

export const MapInstance = z.object({
  key: z.string().describe("Names the instance within the map. Two instances may, by mistake, claim one id."),
  instanceId: z.string().describe("Its instance id; what stands in for it while that is not known."),
  name: z.string().describe("What people call it."),
  kind: z.enum(["self", "peer", "inferred"]),
  url: z.string().nullable().describe("Where its hub is, as far as that is known."),
  beyond: z
    .enum(["known", "unknown"])
    .describe("Are the links that leave it known in full? Otherwise the map ends here: unknown beyond."),
  readsSelf: z
    .boolean()
    .describe("It may read the stream of the instance whose map this is, by a key that was handed to it."),
  known: z.array(Knowledge),
});
export type MapInstance = z.infer<typeof MapInstance>;

/** What the sending side has settled about a link, as the rules read it. */
export const MapPolicy = z.object({
  id: z.string().describe("The id of the peer at the sending instance."),
  name: z.string(),
  instanceId: z.string().nullable(),
  status: z.enum(["active", "paused", "revoked"]),
  scopes: z.array(z.string()),
  maxHops: z.int(),
  maxBytes: z.int(),
  receiveOnly: z.boolean().describe("Nothing is sent to the peer, whatever its scopes say."),
  revision: z.int(),
});

export const MapLink = z.object({
  id: z.string(),
  from: z.string().describe("Key of the sending instance."),
  to: z.string().describe("Key of the receiving instance."),
  policy: MapPolicy.nullable().describe(
    "Null when only past events prove the link: nobody told its scopes and limits.",
  ),
  known: z.array(Knowledge),
});
export type MapLink = z.infer<typeof MapLink>;

/** Instances and links as far as they are known from one instance, each with how it is known and how fresh that is. */
export const TopologyMap = z.object({
  self: z.string().nullable().describe("Key of the instance whose map this is; null for one that was drawn."),
  instances: z.array(MapInstance),
  links: z.array(MapLink),
});
export type TopologyMap = z.infer<typeof TopologyMap>;

/** As much of the map as the rules can judge: links whose settings nobody told are not in it. */
export function topologyOf(map: TopologyMap): Topology {
  return {
    instances: map.instances.map(({ key, instanceId }) => ({ key, instanceId })),
    links: map.links.flatMap(({ id, from, to, policy }) => (policy === null ? [] : [{ id, from, to, policy }])),
  };
}

/** A drawn topology as a map in which everything is known, as a lab or a file describes it. */
export function mapOfTopology(topology: Topology, at: number, self: string | null = null): TopologyMap {
  const known: Knowledge[] = [{ by: "own", teller: null, via: null, at, events: null }];
  return {
    self,
    instances: topology.instances.map(({ key, instanceId }) => ({
      key,
      instanceId,
      name: key,
      kind: key === self ? "self" : "peer",
      url: null,
      beyond: "known",
      readsSelf: false,
      known,
    })),
    links: topology.links.map(({ id, from, to, policy }) => ({ id, from, to, policy: mapPolicy(policy), known })),
  };
}

/** A policy as the map keeps it. */
export function mapPolicy(policy: PeerPolicy): z.infer<typeof MapPolicy> {
  return {
    id: policy.id,
    name: policy.name,
    instanceId: policy.instanceId,
    status: policy.status,
    scopes: [...policy.scopes],
    maxHops: policy.maxHops,
    maxBytes: policy.maxBytes,
    receiveOnly: policy.receiveOnly === true,
    revision: policy.revision,
  };
}

/** How the id of a link begins that the receiver reads, by limits of its own. */
export const PULL = "pull:";

/** Is the link the sender's setting? Otherwise it is the receiver's. */
export function isPush({ policy }: Pick<MapLink, "policy">): boolean {
  return policy?.id.startsWith(PULL) !== true;
}

/** The instance's own id; null where its address stands in for it. */
export function knownIdOf({ instanceId, url }: Pick<MapInstance, "instanceId" | "url">): string | null {
  return instanceId === url ? null : instanceId;
}

/** What people call an instance of the map; its key when it is not in it. */
export function nameOf(map: TopologyMap, key: string): string {
  return map.instances.find((instance) => instance.key === key)?.name ?? key;
}
