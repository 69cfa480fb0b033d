import { type Admission, accept, type Decision, decide, type RoutableEvent } from "./decide.ts";
import { INITIAL_OUTBOX_STATE, type OutboxEvent, type OutboxState, transition } from "./outbox-states.ts";
import type { Provenance } from "./provenance.ts";
import { type PeerRelaxation, relax } from "./relax.ts";
import { indexTopology, type Topology, type TopologyLink, type TopologyNode } from "./topology.ts";

/**
 * A discrete simulation of one event in a topology of hubs. The hubs follow the rules of this folder; what happens
 * next is chosen by the caller, who may hold copies back, let them overtake each other, double them and lose them.
 */

/** A copy that comes from outside the topology: first-hand with `LOCAL_PROVENANCE`, or whatever somebody claims. */
export interface Publication {
  readonly at: string;
  readonly provenance: Provenance;
  /** The instance made the event itself, as it does internal ones, and is not asked to let it in. */
  readonly own?: boolean;
}

/**
 * What may happen next.
 * - `publish`: a copy from outside comes in
 * - `claim`: an entry is put on the wire with the provenance it has at this moment
 * - `arrive`: a request reaches the receiver; `repeat`: so does a double of it, while the request is still on its way
 * - `answer`: the sender learns that its request arrived
 * - `lose`: the request or its answer is lost, and the sender will try again
 * - `time_out`: the sender will try again, yet the request is still on its way and may arrive at any later time
 */
export type SimulationStep =
  | { readonly kind: "publish"; readonly publication: Publication }
  | { readonly kind: "claim"; readonly link: TopologyLink; readonly provenance: Provenance }
  | {
      readonly kind: "arrive" | "repeat" | "answer" | "lose" | "time_out";
      readonly link: TopologyLink;
      readonly provenance: Provenance;
    };

/** Picks the next step by its place in the list, which is never empty. Any number will do: it is taken modulo. */
export type Choose = (steps: readonly SimulationStep[]) => number;

export interface SimulationOptions {
  /** How many repeats, losses and time-outs there may be in all. */
  readonly faults?: number;
  /** The simulation is cut off after so many steps; correct rules never get there. */
  readonly maxSteps?: number;
  /** The rule for further copies, to compare another with the one in force. */
  readonly relax?: typeof relax;
}

/** One entry of an outbox: what it carried last, where it ended, and how often it was put on the wire. */
export interface SimulatedEntry {
  readonly provenance: Provenance;
  readonly state: OutboxState;
  readonly attempts: number;
}

/** A link whose sender holds the event: the decision that stands, and the entries there were, the newest last. */
export interface SimulatedLink {
  readonly decision: Decision;
  readonly entries: readonly SimulatedEntry[];
}

/** An instance that holds the event: what its log keeps, and what came in. */
export interface SimulatedInstance {
  readonly provenance: Provenance;
  /** How often the event was stored as new, and told to listeners. */
  readonly stored: number;
  readonly duplicates: number;
  readonly relaxed: number;
}

/** A copy that was not let in. */
export type Refusal = Extract<Admission, { outcome: "drop" }> & { readonly at: string };

export interface SimulationResult {
  /** Did it come to rest by itself? */
  readonly ended: boolean;
  readonly steps: number;
  readonly instances: ReadonlyMap<string, SimulatedInstance>;
  readonly links: ReadonlyMap<string, SimulatedLink>;
  readonly refusals: readonly Refusal[];
  /** Transitions of entries that the table does not allow; correct rules make none. */
  readonly illegal: readonly { readonly state: OutboxState; readonly event: OutboxEvent }[];
}

/** Runs one event to its end. */
export function simulate(
  topology: Topology,
  event: Pick<RoutableEvent, "type" | "dataBytes">,
  publications: readonly Publication[],
  choose: Choose,
  options: SimulationOptions = {},
): SimulationResult {
  const { faults = 0, maxSteps = 100_000 } = options;
  const world = new World(topology, event, publications, faults, options.relax ?? relax);
  let taken = 0;
  let moves = world.moves();
  while (moves.length > 0 && taken < maxSteps) {
    const picked = Math.abs(Math.trunc(choose(moves.map((move) => move.step)))) % moves.length;
    moves[Number.isNaN(picked) ? 0 : picked]?.apply();
    taken++;
    moves = world.moves();
  }
  return world.result(moves.length === 0, taken);
}

interface Move {
  readonly step: SimulationStep;
  readonly apply: () => void;
}

interface Entry {
  provenance: Provenance;
  state: OutboxState;
  attempts: number;
}

interface Outbox {
  decision: Decision;
  readonly entries: Entry[];
}

interface Held {
  provenance: Provenance;
  stored: number;
  duplicates: number;
  relaxed: number;
}

interface Request {
  readonly link: TopologyLink;
  readonly receiver: TopologyNode;
  /** Null once the sender has given it up. */
  entry: Entry | null;
  readonly provenance: Provenance;
  arrived: boolean;
}

class World {
  readonly #nodes: ReadonlyMap<string, TopologyNode>;
  readonly #event: Pick<RoutableEvent, "type" | "dataBytes">;
  readonly #relax: typeof relax;
  readonly #unpublished: Publication[];
  readonly #held = new Map<string, Held>();
  readonly #outboxes = new Map<TopologyLink, Outbox>();
  readonly #wire: Request[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #illegal: { state: OutboxState; event: OutboxEvent }[] = [];
  #faults: number;

  constructor(
    topology: Topology,
    event: Pick<RoutableEvent, "type" | "dataBytes">,
    publications: readonly Publication[],
    faults: number,
    relaxRule: typeof relax,
  ) {
    this.#nodes = indexTopology(topology);
    this.#event = event;
    this.#unpublished = [...publications];
    this.#faults = faults;
    this.#relax = relaxRule;
  }

  moves(): Move[] {
    const moves: Move[] = [];
    for (const publication of this.#unpublished) {
      moves.push({ step: { kind: "publish", publication }, apply: () => this.#publish(publication) });
    }
    for (const node of this.#nodes.values()) {
      for (const { link, receiver } of node.outgoing) {
        for (const entry of this.#outboxes.get(link)?.entries ?? []) {
          if (entry.state !== "pending") continue;
          const { provenance } = entry;
          moves.push({ step: { kind: "claim", link, provenance }, apply: () => this.#claim(link, receiver, entry) });
        }
      }
    }
    for (const request of this.#wire) {
      const { link, provenance } = request;
      const add = (kind: "arrive" | "repeat" | "answer" | "lose" | "time_out", apply: () => void): void => {
        moves.push({ step: { kind, link, provenance }, apply });
      };
      if (request.arrived) add("answer", () => this.#answer(request));
      else add("arrive", () => this.#arrive(request));
      if (this.#faults === 0 || request.entry === null) continue;
      add("repeat", () => this.#repeat(request));
      add("lose", () => this.#lose(request));
      if (!request.arrived) add("time_out", () => this.#timeOut(request));
    }
    return moves;
  }

  result(ended: boolean, steps: number): SimulationResult {
    const links = new Map([...this.#outboxes].map(([link, outbox]) => [link.id, outbox]));
    return { ended, steps, instances: this.#held, links, refusals: this.#refusals, illegal: this.#illegal };
  }

  #publish(publication: Publication): void {
    this.#unpublished.splice(this.#unpublished.indexOf(publication), 1);
    const node = this.#nodes.get(publication.at);
    if (node === undefined) return;
    if (publication.own === true) this.#keep(node, publication.provenance);
    else this.#receive(node, publication.provenance);
  }

  #claim(link: TopologyLink, receiver: TopologyNode, entry: Entry): void {
    this.#move(entry, "claim");
    entry.attempts++;
    this.#wire.push({ link, receiver, entry, provenance: entry.provenance, arrived: false });
  }

  #arrive(request: Request): void {
    request.arrived = true;
    if (request.entry === null) this.#take(request);
    this.#receive(request.receiver, request.provenance);
  }

  #repeat(request: Request): void {
    this.#faults--;
    this.#receive(request.receiver, request.provenance);
  }

  #answer(request: Request): void {
    this.#take(request);
    if (request.entry !== null) this.#move(request.entry, "deliver");
  }

  #lose(request: Request): void {
    this.#take(request);
    this.#timeOut(request);
  }

  #timeOut(request: Request): void {
    this.#faults--;
    if (request.entry === null) return;
    const newest = this.#outboxes.get(request.link)?.entries.at(-1);
    this.#move(request.entry, newest === request.entry ? "retry" : "abandon");
    request.entry = null;
  }

  #take(request: Request): void {
    this.#wire.splice(this.#wire.indexOf(request), 1);
  }

  #receive(node: TopologyNode, provenance: Provenance): void {
    const admission = accept({ type: this.#event.type, provenance }, node.instance);
    if (admission.outcome === "drop") {
      this.#refusals.push({ ...admission, at: node.instance.key });
    } else {
      this.#keep(node, provenance);
    }
  }

  #keep(node: TopologyNode, provenance: Provenance): void {
    const { instance } = node;
    const held = this.#held.get(instance.key);
    if (held === undefined) {
      this.#held.set(instance.key, { provenance, stored: 1, duplicates: 0, relaxed: 0 });
      for (const { link } of node.outgoing) this.#route(node, link, provenance);
      return;
    }
    held.duplicates++;
    const standings = node.outgoing.map(({ link }) => ({ peer: link.policy, newest: this.#newest(link) }));
    const event = { ...this.#event, provenance: held.provenance };
    const { replaced, provenance: kept, peers } = this.#relax(event, provenance, instance, standings);
    if (replaced) held.relaxed++;
    held.provenance = kept;
    for (const [index, relaxation] of peers.entries()) {
      const link = node.outgoing[index]?.link;
      if (link !== undefined) this.#apply(link, relaxation);
    }
  }

  #route(node: TopologyNode, link: TopologyLink, provenance: Provenance): void {
    const decision = decide({ ...this.#event, provenance }, node.instance, link.policy);
    this.#outboxes.set(link, { decision, entries: [] });
    if (decision.outcome === "forward") this.#enqueue(link, decision.provenance);
  }

  #apply(link: TopologyLink, relaxation: PeerRelaxation): void {
    const outbox = this.#outboxes.get(link);
    if (outbox === undefined || relaxation.action === "keep") return;
    if (relaxation.action === "drop") {
      outbox.decision = relaxation.decision;
      return;
    }
    const { provenance } = relaxation;
    outbox.decision = { outcome: "forward", provenance };
    const newest = outbox.entries.at(-1);
    if (relaxation.action === "update" && newest !== undefined) {
      this.#move(newest, "relax");
      newest.provenance = provenance;
    } else {
      this.#enqueue(link, provenance);
    }
  }

  #enqueue(link: TopologyLink, provenance: Provenance): void {
    this.#outboxes.get(link)?.entries.push({ provenance, state: INITIAL_OUTBOX_STATE, attempts: 0 });
  }

  #newest(link: TopologyLink): { hops: number; state: OutboxState } | null {
    const newest = this.#outboxes.get(link)?.entries.at(-1);
    return newest === undefined ? null : { hops: newest.provenance.hops, state: newest.state };
  }

  #move(entry: Entry, event: OutboxEvent): void {
    const next = transition(entry.state, event);
    if (next === null) this.#illegal.push({ state: entry.state, event });
    else entry.state = next;
  }
}
