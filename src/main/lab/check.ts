import { lint, mapOfTopology } from "../../shared/debugger/index.ts";
import { type CheckedExpectation, type Expectation, sayExpectation } from "../../shared/lab/index.ts";
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
  const checked: CheckedExpectation[] = [];
  for (const one of expected) {
    const details = await problems(one, lab, published);
    const rest = details.length - MOST_DETAILS;
    checked.push({
      sentence: sayExpectation(one),
      ok: details.length === 0,
      details: rest > 0 ? [...details.slice(0, MOST_DETAILS), `… and ${rest} more`] : details,
    });
  }
  return checked;
}

/** What is not as expected; empty when all is. */
async function problems(one: Expectation, lab: LabHubs, published: readonly PublishedEvent[]): Promise<string[]> {
  switch (one.that) {
    case "every_event": {
      const there = await originals(lab, one.at);
      return meant(published, one.type).flatMap(({ id }) => {
        const times = there.filter((event) => event.id === id).length;
        return times === one.times ? [] : [`${id} is there ${times} times`];
      });
    }
    case "nothing_beyond": {
      const logs = await Promise.all(lab.hubs.map(async ({ key }) => ({ key, events: await originals(lab, key) })));
      return logs.flatMap(({ key, events }) =>
        events.flatMap(({ id, copy }) => (copy.hops > one.hops ? [`${key} holds ${id} with ${copy.hops} hops`] : [])),
      );
    }
    case "kept_hops": {
      const ids = new Set(meant(published, one.type).map(({ id }) => id));
      const events = (await originals(lab, one.at)).filter(({ id }) => ids.has(id));
      if (events.length === 0) return ["there are none"];
      return events.flatMap(({ id, copy }) => (copy.hops === one.hops ? [] : [`${id} has ${copy.hops} hops`]));
    }
    case "stopped":
      return notStopped(one, lab, published);
    case "entries": {
      const entries = await lab
        .hub(senderOf(lab, one.link))
        .client.entries({ peer_id: lab.peerOf(one.link), state: one.state });
      return entries.length === one.count ? [] : [`there are ${entries.length}`];
    }
    case "attempts": {
      const attempts = await lab.hub(senderOf(lab, one.link)).client.attempts({ peer_id: lab.peerOf(one.link) });
      const found = attempts.filter(({ status }) => one.status === undefined || status === one.status).length;
      return found >= one.atLeast ? [] : [`there were ${found}, of ${attempts.length} in all`];
    }
    case "refused": {
      const refusals = await lab.hub(one.at).client.refusals();
      const found = refusals.filter(({ reason }) => reason === one.reason).length;
      const others = [...new Set(refusals.map(({ reason }) => reason))].join(", ");
      return found >= one.atLeast ? [] : [`there were ${found}; the reasons were ${others || "none"}`];
    }
    case "arrivals": {
      const reason = one.kind === "duplicate" ? "" : one.kind;
      const counts = await lab.hub(one.at).client.counts();
      const found = counts.filter((count) => count.kind === "duplicate" && count.reason === reason);
      const n = found.reduce((sum, { count }) => sum + count, 0);
      return n >= one.atLeast ? [] : [`there were ${n}`];
    }
    case "told": {
      const events = await lab.hub(one.at).client.events({ type: one.type });
      return events.length >= one.atLeast ? [] : [`there were ${events.length}`];
    }
    case "message": {
      const events = await lab.hub(one.at).client.events({ agent_to: one.agent });
      return events.length === one.count ? [] : [`there are ${events.length}`];
    }
    case "finding": {
      const findings = lint({ map: mapOfTopology(lab.topology, 0), seen: [] });
      const found = findings.some(({ rule }) => rule === one.rule);
      const rules = [...new Set(findings.map(({ rule }) => rule))].join(", ");
      return found === one.found ? [] : [`it finds ${rules || "nothing"}`];
    }
    case "predicted":
      return comparePredictions(lab, published);
  }
}

async function notStopped(
  { link, reason, type }: Extract<Expectation, { that: "stopped" }>,
  lab: LabHubs,
  published: readonly PublishedEvent[],
): Promise<string[]> {
  const sender = senderOf(lab, link);
  const held = new Set((await originals(lab, sender)).map(({ id }) => id));
  const decisions = await lab.hub(sender).client.decisions({ peer_id: lab.peerOf(link) });
  const events = meant(published, type).filter(({ id }) => held.has(id));
  if (events.length === 0) return [`${sender} holds none`];
  return events.flatMap(({ id }) => {
    const ours = decisions.filter(({ event }) => event?.id === id);
    const said = ours.map((decision) => decision.reason ?? decision.outcome).join(", ");
    return ours.some((decision) => decision.reason === reason) ? [] : [`${id}: ${said || "nothing was decided"}`];
  });
}

function meant(published: readonly PublishedEvent[], type: string | undefined): readonly PublishedEvent[] {
  return type === undefined ? published : published.filter((event) => matchScope(type, event.type));
}

async function originals(lab: LabHubs, key: string): Promise<LabEvent[]> {
  return (await lab.hub(key).client.events()).filter(({ replay_of }) => replay_of === null);
}

function senderOf({ topology }: LabHubs, link: string): string {
  return topology.links.find(({ id }) => id === link)?.from ?? link;
}
