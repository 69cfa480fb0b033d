import { indexTopology, type Topology, type TopologyNode } from "./topology.ts";

/** How much work listing cycles may be: a full mesh of 12 instances has over a hundred million of them. */
export interface CycleLimits {
  readonly maxCycles: number;
  readonly maxSteps: number;
}

export const DEFAULT_CYCLE_LIMITS: CycleLimits = { maxCycles: 200, maxSteps: 100_000 };

/** Instances are named by their keys, in the topology's order. */
export interface CycleList {
  /** The strongly connected components in which an event could go round: every cycle lies within one of them. */
  readonly components: readonly (readonly string[])[];
  /** Elementary cycles, each named once, from its first instance in the topology's order; the last leads to the first. */
  readonly cycles: readonly (readonly string[])[];
  /** False if a limit ended the list of cycles. The components are always complete. */
  readonly complete: boolean;
}

/** Lists the cycles over links that are not revoked. Scopes and limits are not looked at: they may change. */
export function findCycles(topology: Topology, limits: CycleLimits = DEFAULT_CYCLE_LIMITS): CycleList {
  const graph = buildGraph(topology);
  const components = loopingComponents(graph);
  const { cycles, complete } = elementaryCycles(graph, components, limits);
  const name = (index: number): string => graph.keys[index] ?? "";
  return {
    components: components.map((component) => component.map(name)),
    cycles: cycles.map((cycle) => cycle.map(name)),
    complete,
  };
}

interface Graph {
  readonly keys: readonly string[];
  /** For each instance, by index, those it has a link to: ascending, each once. */
  readonly next: readonly (readonly number[])[];
  /** The same links, backwards. */
  readonly previous: readonly (readonly number[])[];
}

function buildGraph(topology: Topology): Graph {
  const nodes = indexTopology(topology);
  const keys = [...nodes.keys()];
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const targets = (node: TopologyNode): number[] => {
    const live = node.outgoing.filter(({ link }) => link.policy.status !== "revoked");
    return [...new Set(live.map(({ link }) => indexOf.get(link.to) ?? -1))].sort((a, b) => a - b);
  };
  const next = [...nodes.values()].map(targets);
  const previous = keys.map((): number[] => []);
  for (const [index, list] of next.entries()) {
    for (const target of list) previous[target]?.push(index);
  }
  return { keys, next, previous };
}

/** Tarjan's algorithm with a stack of its own, for a chain of instances may be longer than the call stack. */
function loopingComponents({ next }: Graph): number[][] {
  const order = new Array<number>(next.length).fill(-1);
  const low = new Array<number>(next.length).fill(-1);
  const open = new Array<boolean>(next.length).fill(false);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;

  const lower = (node: number, value: number): void => {
    low[node] = Math.min(low[node] ?? value, value);
  };
  const enter = (node: number): { node: number; edge: number } => {
    order[node] = low[node] = visited++;
    open[node] = true;
    stack.push(node);
    return { node, edge: 0 };
  };
  const close = (root: number): void => {
    const component: number[] = [];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      open[node] = false;
      component.push(node);
      if (node === root) break;
    }
    const loops = component.length > 1 || next[root]?.includes(root) === true;
    if (loops) components.push(component.sort((a, b) => a - b));
  };

  for (let start = 0; start < next.length; start++) {
    if (order[start] !== -1) continue;
    const calls = [enter(start)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const target = next[call.node]?.[call.edge++];
      if (target === undefined) {
        calls.pop();
        if (low[call.node] === order[call.node]) close(call.node);
        const caller = calls.at(-1);
        if (caller !== undefined) lower(caller.node, low[call.node] ?? 0);
      } else if (order[target] === -1) {
        calls.push(enter(target));
      } else if (open[target]) {
        lower(call.node, order[target] ?? 0);
      }
    }
  }
  return components.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** From each instance in turn, every way back to it over later instances of its component: so each cycle comes once. */
function elementaryCycles(
  { next, previous }: Graph,
  components: readonly (readonly number[])[],
  limits: CycleLimits,
): { cycles: number[][]; complete: boolean } {
  const cycles: number[][] = [];
  let steps = 0;
  for (const component of components) {
    const members = new Set(component);
    for (const start of component) {
      const leadBack = ancestors(start, previous, members);
      const path = [start];
      const onPath = new Set(path);
      const edges = [0];
      while (path.length > 0) {
        const node = path.at(-1) ?? start;
        const edge = edges.at(-1) ?? 0;
        const target = next[node]?.[edge];
        if (target === undefined) {
          path.pop();
          edges.pop();
          onPath.delete(node);
          continue;
        }
        if (++steps > limits.maxSteps) return { cycles, complete: false };
        edges[edges.length - 1] = edge + 1;
        if (target === start) {
          if (cycles.length >= limits.maxCycles) return { cycles, complete: false };
          cycles.push([...path]);
        } else if (leadBack.has(target) && !onPath.has(target)) {
          path.push(target);
          onPath.add(target);
          edges.push(0);
        }
      }
    }
  }
  return { cycles, complete: true };
}

/** The later members from which there is a way to `start` over later members: no others are worth a step. */
function ancestors(start: number, previous: Graph["previous"], members: ReadonlySet<number>): ReadonlySet<number> {
  const found = new Set<number>();
  const queue = [start];
  for (const node of queue) {
    for (const source of previous[node] ?? []) {
      if (source <= start || found.has(source) || !members.has(source)) continue;
      found.add(source);
      queue.push(source);
    }
  }
  return found;
}
