import {
  type ApiCall,
  apiCalls,
  applyChanges,
  buildMap,
  type Change,
  compareMany,
  type Difference,
  differenceOf,
  type Explanation,
  explain,
  type Finding,
  groupLoops,
  type LoopGroup,
  lint,
  type ManyDifferences,
  type PeerReading,
  type ProbeGraph,
  probeGraph,
  type StoppedEvent,
  type TopologyMap,
} from "../../../shared/debugger/index.ts";
import { type Evidence, LOCAL_PROVENANCE, type Provenance } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import { provenanceOf } from "../log/index.ts";
import { readChain } from "../read-chain.ts";
import type { Database } from "../store/database.ts";
import { pageRefusals, readEvent, searchEvents } from "../store/ledger.ts";
import { readSightings, scanSightings } from "../store/sightings.ts";
import { stoppedEvents } from "../store/stopped-events.ts";
import { type MapSourceOptions, MapSourceReader } from "./map-sources.ts";
import { PeerQuestions } from "./peer-question.ts";
import { Probes } from "./probes.ts";
import { type Readable, Readers, type ReadersOptions } from "./readers.ts";
import { Tellings } from "./tellings.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Of each peer and rule, the loops view looks at so many of the latest stops. */
const MOST_STOPS = 2_000;
const MOST_REFUSALS = 500;
const MOST_EXAMPLES = 50;
/** One look at the log for chains and types; and how many looks a round of it may take. */
const SCAN_WIDTH = 20_000;
const MOST_BEHIND = 200_000;
const SCANS_A_ROUND = 5;

/** An event to be explained: one of the log, or one that is described. */
export type Questioned =
  | { readonly seq: number }
  | { readonly type: string; readonly dataBytes: number; readonly provenance?: Provenance | undefined };

export interface WhatIf {
  readonly changes: readonly Change[];
  readonly event: Questioned | null;
  /** Key of the instance where a described event is placed; this one by default. */
  readonly at?: string | undefined;
  /** How many of the newest events of the log to compare as well. */
  readonly last: number;
}

export interface WhatIfAnswer {
  readonly problems: readonly { readonly change: number; readonly problem: string }[];
  readonly one: { readonly before: Explanation; readonly after: Explanation; readonly difference: Difference } | null;
  readonly many: ManyDifferences | null;
  readonly calls: readonly ApiCall[];
}

/** What the debugger says about the federation as this hub knows it. It decides nothing itself: the rules do. */
export class FederationDebugger {
  readonly #db: Database;
  readonly #instanceId: string;
  readonly #now: () => number;
  readonly #sources: MapSourceReader;
  readonly #readers: Readers;
  /** Whether this hub's peers may ask it, and how it asks them. */
  readonly questions: PeerQuestions;
  readonly probes: Probes;
  readonly tellings: Tellings;
  #scanning: Promise<void> | null = null;

  constructor(options: MapSourceOptions & ReadersOptions) {
    this.#db = options.db;
    this.#instanceId = options.registry.instanceId;
    this.#now = options.now;
    this.questions = new PeerQuestions(options);
    this.probes = new Probes({ ...options, questions: this.questions });
    this.tellings = new Tellings({ ...options, questions: this.questions });
    this.#sources = new MapSourceReader(options, this.tellings);
    this.#readers = new Readers(options);
  }

  /** The map, and what stood in the way of knowing more. */
  async map(team: string): Promise<{ readonly map: TopologyMap; readonly problems: readonly string[] }> {
    await this.scan();
    const { sources, problems } = await this.#sources.read(team);
    return { map: buildMap(sources), problems };
  }

  /**
   * Where an event goes, from this instance or from another one of the map.
   * @throws HubError `not_found` for an event or an instance that is not there
   */
  async explain(team: string, event: Questioned, at?: string): Promise<{ map: TopologyMap; explanation: Explanation }> {
    const { map } = await this.map(team);
    const place = placeIn(map, at);
    const asked = await this.#readable(team, event);
    return { map, explanation: explain(map, asked, place, await this.#readersOf(team, asked, map, place)) };
  }

  /** What would be otherwise after some changes; nothing is changed. @throws HubError `not_found` */
  async whatIf(team: string, { changes, event, at, last }: WhatIf): Promise<WhatIfAnswer> {
    const { map } = await this.map(team);
    const { map: changed, problems } = applyChanges(map, changes);
    const here = map.self ?? "";
    let one: WhatIfAnswer["one"] = null;
    if (event !== null) {
      const place = placeIn(map, at);
      const asked = await this.#readable(team, event);
      const readers = await this.#readersOf(team, asked, map, place);
      const [before, after] = [explain(map, asked, place, readers), explain(changed, asked, place, readers)];
      one = { before, after, difference: differenceOf(before, after) };
    }
    const many = last === 0 ? null : compareMany(map, changed, await this.#latest(team, last), here, MOST_EXAMPLES);
    return { problems, one, many, calls: apiCalls(map, changes) };
  }

  /** What there is to know about the topology before any traffic. */
  async lint(team: string): Promise<{ map: TopologyMap; findings: Finding[] }> {
    const { map } = await this.map(team);
    const types = await readSightings(this.#db, "type", team, new Date(this.#now() - WEEK_MS));
    const seen = types.map(({ value, events }) => ({ type: value, events }));
    return { map, findings: lint({ map, seen: [{ instance: map.self ?? "", types: seen }] }) };
  }

  /** Events that were stopped by loop or hop limit, grouped by the cycle they went round. */
  async loops(team: string, since: Date, stepMs: number): Promise<LoopGroup[]> {
    const [stopped, refused] = await Promise.all([
      stoppedEvents(this.#db, team, since, MOST_STOPS),
      pageRefusals(this.#db, {
        team,
        peerId: null,
        hook: null,
        reason: "own_id_in_chain",
        before: null,
        limit: MOST_REFUSALS,
      }),
    ]);
    const drops = stopped.map(
      (one): StoppedEvent => ({
        seq: one.seq,
        id: one.id,
        type: one.type,
        at: one.at.getTime(),
        reason: one.reason,
        evidence: JSON.parse(one.evidence) as Evidence,
        chain: one.chain === null ? [] : readChain(one.chain),
        peer: one.peerInstanceId ?? one.peerName,
      }),
    );
    const refusals = refused
      .filter(({ at }) => at >= since)
      .map(
        (one): StoppedEvent => ({
          seq: null,
          id: one.event?.id ?? null,
          type: one.event?.type ?? null,
          at: one.at.getTime(),
          reason: "own_id_in_chain",
          evidence: JSON.parse(one.evidence) as Evidence,
          chain: [],
          peer: one.peerName ?? "?",
        }),
      );
    return groupLoops(this.#instanceId, [...drops, ...refusals], stepMs);
  }

  /** Takes notes of the chains and types of what has come since the last time. One round at a time. */
  scan(): Promise<void> {
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    for (let n = 0; n < SCANS_A_ROUND; n++)
      if (!(await this.#db.transaction((tx) => scanSightings(tx, SCAN_WIDTH, MOST_BEHIND)))) return;
  }

  /** The live probe of an event from this instance on. @throws HubError `not_found` */
  async probe(team: string, event: Questioned): Promise<ProbeGraph> {
    const asked = await this.#readable(team, event);
    const { type, dataBytes, provenance, held } = asked;
    const [id, source] = held === null ? [null, null] : [held.id, asked.source];
    const steps = await this.probes.ask(team, { type, dataBytes, provenance, id, source });
    return probeGraph(this.#instanceId, provenance.hops, steps);
  }

  async #readable(team: string, event: Questioned): Promise<Readable> {
    if (!("seq" in event)) {
      const { type, dataBytes, provenance = LOCAL_PROVENANCE } = event;
      return { type, dataBytes, provenance, hook: null, source: "", agentTo: null, held: null };
    }
    const found = await readEvent(this.#db, team, event.seq);
    if (found === null) throw new HubError("not_found", `There is no event ${event.seq}; retention may have taken it.`);
    const { seq, id, type, dataBytes, hook, source, agentTo, receivedAt, copy } = found;
    return { type, dataBytes, provenance: provenanceOf(copy), hook, source, agentTo, held: { seq, id, receivedAt } };
  }

  /** Elsewhere than here, the event is only supposed to be there: it has not gone over this hub's log. */
  #readersOf(team: string, event: Readable, { self }: TopologyMap, place: string): Promise<PeerReading[]> {
    return this.#readers.of(team, place === self ? event : { ...event, held: null });
  }

  async #latest(
    team: string,
    limit: number,
  ): Promise<{ seq: number; id: string; type: string; dataBytes: number; provenance: Provenance }[]> {
    const everything = {
      id: null,
      source: null,
      type: null,
      hook: null,
      agentTo: null,
      peerId: null,
      since: null,
      until: null,
    };
    const { events } = await searchEvents(this.#db, { team, ...everything, before: null, limit });
    return events
      .filter(({ replayOf }) => replayOf === null)
      .map(({ seq, id, type, dataBytes, copy }) => ({ seq, id, type, dataBytes, provenance: provenanceOf(copy) }));
  }
}

/** @throws HubError `not_found` */
function placeIn(map: TopologyMap, at: string | undefined): string {
  const key = at ?? map.self ?? "";
  if (map.instances.some((instance) => instance.key === key)) return key;
  throw new HubError("not_found", `There is no instance ${key} in the map.`);
}
