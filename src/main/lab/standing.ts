import type { CheckedExpectation } from "../../shared/lab/index.ts";
import { checkNow } from "./check.ts";
import type { Lab } from "./lab.ts";
import type { LabHubs } from "./lab-hubs.ts";

/** With more events than this, expectations are checked by a run alone: to check them reads every log. */
const MOST_CHECKED = 500;

/** What became of the copies on one link, as its sender counts them. */
export interface LinkStanding {
  /** Owed still. */
  readonly waiting: number;
  readonly delivered: number;
  readonly dead: number;
  /** Decisions not to forward. */
  readonly stopped: number;
}

/** How a lab stands at one moment. */
export interface Standing {
  /** How many events each hub has accepted. */
  readonly events: ReadonlyMap<string, number>;
  readonly links: ReadonlyMap<string, LinkStanding>;
  /** Nothing was owed anywhere, and nothing moved while expectations were checked: their verdict is the last one. */
  readonly quiet: boolean;
  /** Null where there are too many events to check them all the time. */
  readonly expectations: readonly CheckedExpectation[] | null;
}

/** Asks all hubs of a lab how they stand. @param check also the expectations of its file */
export async function standingOf(lab: Lab, check: boolean): Promise<Standing> {
  const { file, hubs } = lab;
  // What is published from here on is not judged: it may be anywhere.
  const published = [...lab.published];
  const counts = await countsOf(hubs);
  const expectations = check && published.length <= MOST_CHECKED ? await checkNow(file.expect, hubs, published) : null;
  const still = expectations === null || JSON.stringify(await countsOf(hubs)) === JSON.stringify(counts);
  const tallies = new Map(counts);
  const sum = (key: string, kind: string, peer?: string): number =>
    (tallies.get(key) ?? [])
      .filter((one) => one.kind === kind && (peer === undefined || one.peer_id === peer))
      .reduce((total, { count }) => total + count, 0);
  const events = new Map(hubs.hubs.map(({ key }) => [key, sum(key, "accepted")]));
  const links = new Map(
    hubs.topology.links.map(({ id, from }) => {
      const of = (kind: string): number => sum(from, kind, hubs.peerOf(id));
      const [delivered, dead] = [of("delivered"), of("dead")];
      const waiting = Math.max(0, of("forward") - delivered - dead - of("cancelled"));
      return [id, { waiting, delivered, dead, stopped: of("drop") }];
    }),
  );
  return { events, links, quiet: still && [...links.values()].every(({ waiting }) => waiting === 0), expectations };
}

function countsOf({ hubs }: LabHubs) {
  return Promise.all(hubs.map(async ({ key, client }) => [key, await client.counts()] as const));
}

/** Two that are the same in this are the same to everybody who looks. */
export const printOf = ({ events, links, quiet, expectations }: Standing): string =>
  JSON.stringify([[...events], [...links], quiet, expectations]);
