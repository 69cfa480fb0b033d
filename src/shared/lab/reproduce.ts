import {
  type Explanation,
  explain,
  isPush,
  knownIdOf,
  type MapInstance,
  mapOfTopology,
  type TopologyMap,
} from "../debugger/index.ts";
import { isInternalType, LOCAL_PROVENANCE } from "../rules/index.ts";
import { LabFile, sayFileProblems } from "./file.ts";
import { labTopology, linkName, MOST_INSTANCES } from "./topology.ts";

type Drawn = Extract<LabFile["topology"], { links: unknown }>;
type Reproduced =
  | { readonly ok: true; readonly file: LabFile }
  /** The sentence that says why there can be no such lab. */
  | { readonly ok: false; readonly problem: string };

const LEAST_BYTES = 2;
const MOST_BYTES = 262_144;

/**
 * A lab that plays an explained event again: hubs and links as the map has them, the event published where it began, and
 * what is predicted as expectations. Links of which nobody told the limits are left out, and the lesson says so.
 */
export function reproduce(map: TopologyMap, { event, at: place }: Explanation): Reproduced {
  const { instances } = map;
  if (instances.length > MOST_INSTANCES)
    return { ok: false, problem: `A lab has ${MOST_INSTANCES} hubs at most, and this map has ${instances.length}.` };
  if (isInternalType(event.type))
    return { ok: false, problem: `Events of type ${event.type} are made by hubs themselves, and cannot be published.` };
  const keys = keysOf(instances);
  const topology = drawnOf(map, keys);
  const [origin] = event.provenance.chain;
  const began = instances.find(({ instanceId }) => instanceId === origin)?.key ?? place;
  const at = keys.get(began) ?? "";
  const bytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, event.dataBytes));
  const left = map.links.some(({ policy }) => policy === null);
  const read = LabFile.safeParse({
    name: `${event.type} from ${at}`.slice(0, 120),
    lesson: `Where ${event.type} goes from ${at}, as the map had it.${left ? " Links whose limits nobody told are not in it." : ""}`,
    topology,
    steps: [{ do: "publish", at, type: event.type, bytes }],
    expect: expectationsOf(topology, { type: event.type, dataBytes: bytes }, at),
  });
  return read.success ? { ok: true, file: read.data } : { ok: false, problem: sayFileProblems(read.error).trim() };
}

/** Names as a lab allows them, each once. */
function keysOf(instances: readonly MapInstance[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  for (const { key, name } of instances) {
    const words =
      name
        .replaceAll(/[^\w-]+/g, "-")
        .replace(/^[^A-Za-z]+/, "")
        .slice(0, 27) || "hub";
    let unique = words;
    for (let n = 2; taken.has(unique); n++) unique = `${words}-${n}`;
    taken.add(unique);
    keys.set(key, unique);
  }
  return keys;
}

function drawnOf({ instances, links }: TopologyMap, keys: ReadonlyMap<string, string>): Drawn {
  const drawn = new Map<string, Drawn["links"][number]>();
  for (const { from, to, policy } of links) {
    if (policy === null || policy.receiveOnly || policy.scopes.length === 0) continue;
    const [sender = "", receiver = ""] = [keys.get(from), keys.get(to)];
    const name = linkName(sender, receiver);
    // Where a hub is both sent to and read, one way is enough, and a live one is worth more.
    if (drawn.has(name) && drawn.get(name)?.status !== "revoked") continue;
    const known = instances.find(({ key }) => key === to)?.instanceId ?? null;
    const link = { from: sender, to: receiver, maxHops: Math.max(1, Math.min(64, policy.maxHops)) };
    drawn.set(name, {
      ...link,
      maxBytes: Math.max(1, policy.maxBytes),
      scopes: policy.scopes,
      status: policy.status,
      ...(policy.instanceId === known || !isPush({ policy }) ? {} : { knownAs: policy.instanceId }),
    });
  }
  return {
    // An address that stands in for an unknown id is no id.
    instances: instances.map((instance) => {
      const key = keys.get(instance.key) ?? "";
      return { key, instanceId: knownIdOf(instance) ?? key };
    }),
    links: [...drawn.values()],
  };
}

/** What the rules say of the very lab, so that a run proves or refutes them. */
function expectationsOf(topology: Drawn, event: { type: string; dataBytes: number }, at: string): object[] {
  const map = mapOfTopology(labTopology(topology), 0);
  const { instances, missed, links } = explain(map, { ...event, provenance: LOCAL_PROVENANCE }, at);
  // What waits behind a paused link is owed still when all else is quiet, and beyond it nothing is decided.
  const there = new Set(instances.flatMap((one) => (one.waits ? [] : one.key)));
  const decided = links.filter(({ from }) => there.has(from));
  const waits = decided.filter((link) => link.waits);
  const { type } = event;
  return [
    ...instances.map((one) => ({ that: "every_event", at: one.key, type, times: one.waits ? 0 : 1 })),
    ...missed.map(({ key }) => ({ that: "every_event", at: key, type, times: 0 })),
    ...waits.map(({ id }) => ({ that: "entries", link: id, state: "pending", count: 1 })),
    ...decided
      .filter(({ outcome, also }) => outcome === "stopped" && also.length === 0)
      .map(({ id, reason }) => ({ that: "stopped", link: id, reason, type })),
    ...(waits.length === 0 ? [{ that: "predicted" }] : []),
  ];
}
