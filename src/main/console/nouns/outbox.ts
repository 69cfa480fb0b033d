import type { z } from "zod";
import type { DeadGroup, EntrySelection, LaneView } from "../../../shared/contract/index.ts";
import { cursorsOf, EntryKeyShape, HubError, parseEntryId, scheduleOf } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { attemptView } from "../show/attempt.ts";
import { type EntryRecord, entryView } from "../show/entry.ts";
import { page } from "../show/page.ts";
import { peerRef } from "../show/rows.ts";

const cursors = cursorsOf(EntryKeyShape);

export function outboxCalls({ inside, rates }: Services) {
  const { ledger, registry, entries, bulk, replays } = inside;

  async function find(team: string, id: string): Promise<EntryRecord> {
    const entry = await ledger.entry(team, parseEntryId(id));
    if (entry === null) throw new HubError("not_found", `There is no outbox entry ${id}; retention may have taken it.`);
    return entry;
  }

  async function lanes(team: string): Promise<LaneView[]> {
    const peers = registry.peersOf(team);
    const numbers = peers.map((peer) => peer.no);
    const [depths, dead] = await Promise.all([ledger.depths(numbers), ledger.countDead(numbers)]);
    const depthOf = new Map(depths.map((depth) => [depth.peer, depth]));
    const laneOf = new Map(inside.lanes().map((lane) => [lane.peer, lane]));
    return peers.map((peer) => {
      const depth = depthOf.get(peer.no);
      const lane = laneOf.get(peer.no);
      const { delivered, failed } = rates.lastMinute(peer.no);
      return {
        peer: peerRef(peer),
        status: peer.status,
        statusReason: peer.statusReason,
        depth: depth?.owed ?? 0,
        inFlight: lane?.inFlight ?? 0,
        dead: dead.get(peer.no) ?? 0,
        oldestAt: depth?.oldest ?? null,
        breaker: lane?.breaker ?? "closed",
        waitingUntil: lane?.waitingUntil ?? null,
        waitReason: lane?.waitReason ?? null,
        deliveredLastMinute: delivered,
        failedLastMinute: failed,
      };
    });
  }

  async function deadGroups(team: string): Promise<z.infer<typeof DeadGroup>[]> {
    const causes = await ledger.causes(team, null);
    const examples = await ledger.newestDead(causes);
    const key = (peerId: string, cause: string | null): string => JSON.stringify([peerId, cause]);
    const exampleOf = new Map(examples.map((example) => [key(example.peerId, example.cause), example]));
    return causes.map(({ peerId, peerName, cause, count }) => {
      const example = exampleOf.get(key(peerId, cause));
      return {
        peer: { no: registry.peerById(peerId)?.no ?? 0, id: peerId, name: peerName },
        cause: cause ?? "",
        count,
        newestAt: example?.finishedAt.getTime() ?? null,
        example: example?.lastError ?? null,
      };
    });
  }

  const selected = ({ filter, ids }: z.infer<typeof EntrySelection>) => ({ ...filter, ids });

  /** Finished entries go again as a replay, which is a job: it outlives this call, and says how far it is. */
  async function retryAll(team: string, selection: z.infer<typeof EntrySelection>): Promise<number> {
    const { state, cause, peerId } = selection.filter;
    if (
      selection.ids !== null ||
      (cause === null && state !== "dead" && state !== "delivered" && state !== "cancelled")
    )
      return bulk.retry(team, selected(selection));
    const job = await replays.create(team, {
      filter: {
        state: state === "delivered" || state === "cancelled" ? state : "dead",
        ...(peerId === null ? {} : { peer_id: peerId }),
        ...(cause === null ? {} : { cause }),
      },
      targets: "peers",
      routing: "then",
      id: "same",
    });
    inside.news.replays.emit();
    return job.total;
  }

  async function count(team: string, selection: z.infer<typeof EntrySelection>): Promise<number> {
    const { state, peerId, cause } = selection.filter;
    if (selection.ids !== null || (state !== "delivered" && state !== "cancelled"))
      return bulk.count(team, selected(selection));
    const filter = {
      state,
      ...(peerId === null ? {} : { peer_id: peerId }),
      ...(cause === null ? {} : { cause }),
    };
    return replays.count(team, { filter, targets: "peers", routing: "then", id: "same" });
  }

  return {
    lanes: os.outbox.lanes.handler(({ context }) => lanes(context.team)),
    list: os.outbox.list.handler(async ({ input, context }) => {
      const { peerId, state, cause, cursor, limit } = input;
      const found = await ledger.entries({
        team: context.team,
        peerId,
        state: cause === null ? state : "dead",
        cause,
        before: cursors.read(cursor ?? undefined),
        limit: limit + 1,
      });
      return page(cursors, found, limit, ({ seq, peer, gen }) => ({ seq, peer, gen }), entryView);
    }),
    get: os.outbox.get.handler(async ({ input, context }) => {
      const entry = await find(context.team, input.id);
      const peer = registry.peerByNo(entry.peer);
      const attempts = await ledger.attemptsById(context.team, entry.attempts);
      const schedule = scheduleOf(entry, peer === undefined ? null : inside.retryPolicy(peer));
      return {
        ...entryView(entry),
        schedule: schedule.map(({ ageMs, ...planned }) => ({ ...planned, age: ageMs })),
        attempts: attempts.map((attempt) => attemptView(attempt, registry)),
      };
    }),
    deadGroups: os.outbox.deadGroups.handler(({ context }) => deadGroups(context.team)),
    retryNow: os.outbox.retryNow.handler(({ input, context }) =>
      entries.retryNow(context.team, parseEntryId(input.id)),
    ),
    cancel: os.outbox.cancel.handler(({ input, context }) => entries.cancel(context.team, parseEntryId(input.id))),
    replay: os.outbox.replay.handler(({ input, context }) => entries.replay(context.team, parseEntryId(input.id))),
    count: os.outbox.count.handler(async ({ input, context }) => ({ count: await count(context.team, input) })),
    retryAll: os.outbox.retryAll.handler(async ({ input, context }) => ({
      count: await retryAll(context.team, input),
    })),
    cancelAll: os.outbox.cancelAll.handler(async ({ input, context }) => ({
      count: await bulk.cancel(context.team, selected(input)),
    })),
    editAndResend: os.outbox.editAndResend.handler(async ({ input, context }) => {
      const { seq, id } = await entries.editAndResend(context.team, parseEntryId(input.id), checkedJson(input.body));
      return { seq, id };
    }),
  };
}

function checkedJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const problem = error instanceof Error ? error.message : "";
    throw new HubError("bad_request", `The data is not valid JSON: ${problem}`, { field: "body" });
  }
}
