import {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_HOPS,
  type PeerPolicy,
  type Topology,
  type TopologyInstance,
  type TopologyLink,
} from "../../src/shared/rules/index.ts";

/** The event of the scenarios: in every scope `*`, and small. */
export const PUSH = { type: "com.github.push", dataBytes: 100 };

/** A link between two instances named by their keys; its peer's id is the key until `policy` says otherwise. */
export function link(from: string, to: string, policy: Partial<PeerPolicy> = {}): TopologyLink {
  const id = `${from}>${to}`;
  return {
    id,
    from,
    to,
    policy: {
      id,
      name: to,
      instanceId: to,
      status: "active",
      scopes: ["*"],
      maxHops: DEFAULT_MAX_HOPS,
      maxBytes: DEFAULT_MAX_BYTES,
      revision: 1,
      ...policy,
    },
  };
}

/** A topology of the given links, with the instances that they name. */
export function topology(links: readonly TopologyLink[], instances: readonly TopologyInstance[] = []): Topology {
  const keys = new Set(links.flatMap(({ from, to }) => [from, to]));
  for (const { key } of instances) keys.delete(key);
  return { instances: [...instances, ...[...keys].map((key) => ({ key, instanceId: key }))], links };
}

/** Links that make way after way: `way("A", "B", "C")` is A→B→C. */
export function way(...keys: readonly string[]): TopologyLink[] {
  return keys.slice(1).map((key, index) => link(keys[index] ?? "", key));
}

/** Shapes with a name, small enough to run on real hubs too. The event is published at `origin`. */
export const SCENARIOS = {
  /** The long way spends the hops that X needs: only a relaxed V→W→X brings the event there. */
  "late short copy": { origin: "S", topology: topology([...way("S", "A", "V", "W", "X"), link("S", "V")]) },
  diamond: { origin: "A", topology: topology([...way("A", "B", "D"), ...way("A", "C", "D")]) },
  ring: { origin: "A", topology: topology(way("A", "B", "C", "A")) },
  "ring beyond the limit": { origin: "A", topology: topology(way("A", "B", "C", "D", "E", "A")) },
  "mutual pair": { origin: "A", topology: topology(way("A", "B", "A")) },
  "one way back only": { origin: "B", topology: topology([...way("A", "B"), ...way("B", "C", "A")]) },
} as const satisfies Record<string, { origin: string; topology: Topology }>;
