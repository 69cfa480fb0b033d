import type { Topology } from "../rules/index.ts";
import { type ExplainedReading, type LinkSaying, ReasonShape } from "./explanation.ts";
import { isPush, type MapLink, type TopologyMap } from "./map.ts";
import type { PeerReading } from "./reading.ts";

/** The peers that read this hub's stream, as far as an explanation is concerned. */
export class Readings {
  readonly list: readonly ExplainedReading[];
  readonly #map: TopologyMap;

  constructor(map: TopologyMap, readers: readonly PeerReading[]) {
    this.#map = map;
    // A peer goes by its id at this hub, which is that of the link to it.
    this.list = readers.flatMap((reader) => {
      const link = map.links.find(({ id, from }) => from === map.self && id === reader.peerId);
      return link === undefined ? [] : { ...reader, key: link.to };
    });
  }

  /** The topology without the links that are read, where nothing is shown to who reads them. */
  open(topology: Topology): Topology {
    const shut = new Set(this.#map.links.filter((link) => this.sayingOf(link) !== null).map(({ id }) => id));
    return shut.size === 0 ? topology : { ...topology, links: topology.links.filter(({ id }) => !shut.has(id)) };
  }

  /** Why nothing comes over a link that its receiver has told it reads; null where nothing withholds the event. */
  sayingOf(link: MapLink): LinkSaying | null {
    if (link.from !== this.#map.self || link.policy === null || isPush(link)) return null;
    const reading = this.#of(link.to);
    if (reading?.outcome !== "withheld") return null;
    const { rule, evidence, sentence } = reading;
    return { outcome: "stopped", reason: ReasonShape.safeParse(rule).data ?? null, evidence, sentence };
  }

  /** The event went to this instance by its reading, or will. */
  brings(key: string): boolean {
    const outcome = this.#of(key)?.outcome;
    return outcome === "acknowledged" || outcome === "sent" || outcome === "to_come";
  }

  /** What keeps the event from a reader, or from knowing whether it has it. */
  against(key: string): ExplainedReading | null {
    const reading = this.#of(key);
    return reading === undefined || this.brings(key) ? null : reading;
  }

  /** Might a reader have the event, and links lead from it to this instance? */
  leadsTo(key: string): boolean {
    const holders = new Set(this.list.filter(({ outcome }) => outcome !== "withheld").map((one) => one.key));
    for (const holder of holders)
      for (const { from, to } of this.#map.links) if (from === holder && to !== this.#map.self) holders.add(to);
    return holders.has(key);
  }

  /** A peer that is sent nothing, and reads: that its link lets nothing through says nothing. */
  isInstead(id: string): boolean {
    const policy = this.#map.links.find((link) => link.id === id && link.from === this.#map.self)?.policy;
    return (
      policy != null &&
      (policy.scopes.length === 0 || policy.receiveOnly) &&
      this.list.some(({ peerId }) => peerId === id)
    );
  }

  #of(key: string): ExplainedReading | undefined {
    return this.list.find((reading) => reading.key === key);
  }
}
