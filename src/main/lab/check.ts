import { countOf } from "../../shared/count-of.ts";
import { lint, mapOfTopology } from "../../shared/debugger/index.ts";
import { type CheckedExpectation, type Expectation, sayExpectation, sayTimes } from "../../shared/lab/index.ts";
import { matchScope } from "../../shared/rules/index.ts";
import type { LabEvent } from "./lab-client.ts";
import type { LabHubs } from "./lab-hubs.ts";
import { comparePredictions } from "./predict.ts";
import type { PublishedEvent } from "./published.ts";
import { settled } from "./settle.ts";

/** How many cases of what was found instead a report shows. */
const MOST_DETAILS = 5;

/** Checks a lab's expectations once all is quiet, but for the links that are expected to owe something. */
export async function checkExpectations(
  expected: readonly Expectation[],
  lab: LabHubs,
  published: readonly PublishedEvent[],
  timeoutMs: number,
): Promise<CheckedExpectation[]> {
  const owing = expected.flatMap((one) =>
    one.that === "entries" && one.state !== "delivered" && one.count > 0 ? [one.link] : [],
  );
  await settled(lab, owing, timeoutMs);
  return checkNow(expected, lab, published);
}

/** Checks them as things stand at this moment: what is under way still may change the verdict. */
export async function checkNow(
  expected: readonly Expectation[],
  lab: LabHubs,
  published: readonly PublishedEvent[],
): Promise<CheckedExpectation[]> {
  const evidence: Evidence = { lab, published, originals: originalsOnce(lab) };
  const checked: CheckedExpectation[] = [];
  for (const one of expected) {
    const { problems, id, at } = await find(one, evidence);
    const rest = problems.length - MOST_DETAILS;
    checked.push({
      sentence: sayExpectation(one),
      ok: problems.length === 0,
      details: rest > 0 ? [...problems.slice(0, MOST_DETAILS), `… and ${rest} more`] : problems,
      event: id === undefined ? null : await eventThatShows(one, id, at, evidence),
    });
  }
  return checked;
}

interface Evidence {
  readonly lab: LabHubs;
  readonly published: readonly PublishedEvent[];
  /** What an instance's log holds, read once for all expectations. */
  readonly originals: (key: string) => Promise<LabEvent[]>;
}

interface Finding {
  /** What is not as expected; empty when all is. */
  readonly problems: string[];
  /** Id of the event that shows it best: the first that is not as expected, else the first that is. */
  readonly id: string | undefined;
  /** The instance where it shows, when the expectation names none. */
  readonly at?: string | undefined;
}

type Case = readonly [id: string, problem: string | null];

const ofCases = (cases: readonly Case[]): Finding => ({
  problems: cases.flatMap(([, problem]) => problem ?? []),
  id: (cases.find(([, problem]) => problem !== null) ?? cases[0])?.[0],
});

const sayThere = (count: number): string =>
  count === 0 ? "there is none" : count === 1 ? "there is 1" : `there are ${count}`;

const ofCount = (ok: boolean, problem: string, id?: string): Finding => ({ problems: ok ? [] : [problem], id });

async function find(one: Expectation, evidence: Evidence): Promise<Finding> {
  const { lab, published, originals } = evidence;
  const first = published[0]?.id;
  switch (one.that) {
    case "every_event": {
      const there = await originals(one.at);
      return ofCases(
        meant(published, one.type).map(({ id }): Case => {
          const times = there.filter((event) => event.id === id).length;
          return [id, times === one.times ? null : `${id} is there ${sayTimes(times)}`];
        }),
      );
    }
    case "nothing_beyond": {
      const logs = await Promise.all(lab.hubs.map(async ({ key }) => ({ key, events: await originals(key) })));
      const beyond = logs.flatMap(({ key, events }) =>
        events.flatMap(({ id, copy }) => (copy.hops > one.hops ? [{ key, id, hops: copy.hops }] : [])),
      );
      const [worst] = beyond;
      const problems = beyond.map(({ key, id, hops }) => `${key} holds ${id} with ${countOf(hops, "hop")}`);
      return { problems, id: worst?.id ?? first, at: worst?.key };
    }
    case "kept_hops": {
      const ids = new Set(meant(published, one.type).map(({ id }) => id));
      const events = (await originals(one.at)).filter(({ id }) => ids.has(id));
      if (events.length === 0) return ofCount(false, "there are none", first);
      return ofCases(
        events.map(({ id, copy }) => [id, copy.hops === one.hops ? null : `${id} has ${countOf(copy.hops, "hop")}`]),
      );
    }
    case "stopped":
      return findStopped(one, evidence);
    case "entries": {
      const entries = await lab
        .hub(senderOf(lab, one.link))
        .client.entries({ peer_id: lab.peerOf(one.link), state: one.state });
      return ofCount(entries.length === one.count, sayThere(entries.length), first);
    }
    case "attempts": {
      const attempts = await lab.hub(senderOf(lab, one.link)).client.attempts({ peer_id: lab.peerOf(one.link) });
      const found = attempts.filter(({ status }) => one.status === undefined || status === one.status).length;
      return ofCount(found >= one.atLeast, `${sayThere(found)}, of ${attempts.length} in all`, first);
    }
    case "refused": {
      const refusals = await lab.hub(one.at).client.refusals();
      const found = refusals.filter(({ reason }) => reason === one.reason);
      const others = [...new Set(refusals.map(({ reason }) => reason))].join(", ");
      const says = `${sayThere(found.length)}; ${others === "" ? "nothing was refused" : `refused was by ${others}`}`;
      return ofCount(found.length >= one.atLeast, says, found.find(({ event }) => event !== null)?.event?.id ?? first);
    }
    case "arrivals": {
      const reason = one.kind === "duplicate" ? "" : one.kind;
      const counts = await lab.hub(one.at).client.counts();
      const found = counts.filter((count) => count.kind === "duplicate" && count.reason === reason);
      const n = found.reduce((sum, { count }) => sum + count, 0);
      return ofCount(n >= one.atLeast, sayThere(n), first);
    }
    case "told": {
      const events = await lab.hub(one.at).client.events({ type: one.type });
      return ofCount(events.length >= one.atLeast, sayThere(events.length), events[0]?.id ?? first);
    }
    case "message": {
      const events = await lab.hub(one.at).client.events({ agent_to: one.agent });
      return ofCount(events.length === one.count, sayThere(events.length), events[0]?.id);
    }
    case "finding": {
      const findings = lint({ map: mapOfTopology(lab.topology, 0), seen: [] });
      const found = findings.some(({ rule }) => rule === one.rule);
      const rules = [...new Set(findings.map(({ rule }) => rule))].join(", ");
      return ofCount(found === one.found, `it finds ${rules || "nothing"}`);
    }
    case "predicted": {
      const problems = await comparePredictions(lab, published);
      const [start = ""] = problems;
      return { problems, id: published.find(({ id }) => start.startsWith(`${id} `))?.id ?? first };
    }
  }
}

async function findStopped(
  { link, reason, type }: Extract<Expectation, { that: "stopped" }>,
  { lab, published, originals }: Evidence,
): Promise<Finding> {
  const sender = senderOf(lab, link);
  const held = new Set((await originals(sender)).map(({ id }) => id));
  const decisions = await lab.hub(sender).client.decisions({ peer_id: lab.peerOf(link) });
  const events = meant(published, type).filter(({ id }) => held.has(id));
  if (events.length === 0) return ofCount(false, `${sender} holds none`, published[0]?.id);
  return ofCases(
    events.map(({ id }): Case => {
      const ours = decisions.filter(({ event }) => event?.id === id);
      const said = ours.map((one) => (one.reason === null ? "forwarded" : `stopped by ${one.reason}`)).join(", then ");
      const stopped = ours.some((decision) => decision.reason === reason);
      return [id, stopped ? null : `${id} was ${said || "not decided"}`];
    }),
  );
}

/** Where the event can be looked at: at the instance that is meant, else where it was published. */
async function eventThatShows(
  one: Expectation,
  id: string,
  at: string | undefined,
  evidence: Evidence,
): Promise<CheckedExpectation["event"]> {
  const { lab, published, originals } = evidence;
  const meantAt = "at" in one ? one.at : "link" in one ? senderOf(lab, one.link) : at;
  for (const hub of [meantAt, published.find((event) => event.id === id)?.at, ...lab.hubs.map(({ key }) => key)]) {
    const seq = hub ? (await originals(hub)).find((event) => event.id === id)?.seq : undefined;
    if (hub && seq !== undefined) return { hub, seq, id };
  }
  return null;
}

function meant(published: readonly PublishedEvent[], type: string | undefined): readonly PublishedEvent[] {
  return type === undefined ? published : published.filter((event) => matchScope(type, event.type));
}

function originalsOnce(lab: LabHubs): Evidence["originals"] {
  const read = new Map<string, Promise<LabEvent[]>>();
  return (key) => {
    const found =
      read.get(key) ??
      lab
        .hub(key)
        .client.events()
        .then((all) => all.filter(({ replay_of }) => replay_of === null));
    read.set(key, found);
    return found;
  };
}

function senderOf({ topology }: LabHubs, link: string): string {
  return topology.links.find(({ id }) => id === link)?.from ?? link;
}
