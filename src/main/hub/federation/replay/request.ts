import { z } from "zod";
import { DROP_REASONS, invalidScope } from "../../../../shared/rules/index.ts";
import { EntryId, entryId, parseEntryId } from "../../entry-id.ts";
import { HubError } from "../../errors.ts";
import type { Peer } from "../../model.ts";
import { Moment } from "../../moment.ts";
import type { StandingEntry } from "../../store/relax.ts";
import type { FinishedState, Selection } from "../../store/replay-selection.ts";

const MOST_NAMED = 1_000;
const FINISHED: readonly FinishedState[] = ["dead", "delivered", "cancelled"];

/** What a replay acts on: everything that matches all that is given. */
export const ReplayFilter = z.strictObject({
  peer_id: z.string().optional(),
  /** The state of an event's entry for a peer. */
  state: z.enum(["dead", "delivered", "cancelled"]).optional(),
  /** What ended the entry. */
  cause: z.string().min(1).max(200).optional(),
  /** The rule by which the event was not forwarded; only with the routing of now. */
  reason: z.enum(DROP_REASONS).optional(),
  /** A glob on the event type, as in a peer's scopes. */
  type: z
    .string()
    .refine((glob) => invalidScope(glob) === null, "must be a glob on the event type, such as com.stripe.*")
    .optional(),
  /** When the event was received: at this time or later, and before. */
  since: Moment.optional(),
  until: Moment.optional(),
  entry_ids: z.array(EntryId).min(1).max(MOST_NAMED).readonly().optional(),
  seqs: z.array(z.int().min(1)).min(1).max(MOST_NAMED).readonly().optional(),
});
export type ReplayFilter = z.infer<typeof ReplayFilter>;

/**
 * A replay. To `listeners`, an event is shown again under a new seq. To `peers`, by the routing of `then` its entries
 * are sent again; by the routing of `now` it is decided again for every peer. With a `new` id it becomes a new event,
 * which goes to everybody.
 */
export const ReplayRequest = z.strictObject({
  filter: ReplayFilter,
  targets: z.enum(["listeners", "peers", "both"]),
  routing: z.enum(["then", "now"]),
  id: z.enum(["same", "new"]),
});
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/**
 * A request as its job keeps it, with the ids of the production peers that were named for it. Jobs that were made before
 * this was kept have none, and had all of them named.
 */
export const KeptRequest = ReplayRequest.extend({ production: z.array(z.string()).readonly().optional() });
export type KeptRequest = z.infer<typeof KeptRequest>;

/** One pass over what is selected. A replay to listeners and to peers has two. */
export type Phase = "listeners" | "entries" | "routing" | "new_events";

/** The passes of a request, in order. */
export function phasesOf({ targets, routing, id }: ReplayRequest): readonly Phase[] {
  if (id === "new") return ["new_events"];
  return [
    ...(targets === "peers" ? [] : (["listeners"] as const)),
    ...(targets === "listeners" ? [] : ([routing === "now" ? "routing" : "entries"] as const)),
  ];
}

/** @throws HubError `bad_request` that says what cannot be combined, and how to say it instead */
export function checkRequest(request: ReplayRequest, peers: readonly Peer[]): void {
  const { filter, targets, routing, id } = request;
  const no = (problem: string): never => {
    throw new HubError("bad_request", problem);
  };
  const { peer_id, state, cause, reason, since, until, entry_ids, seqs } = filter;
  if (peer_id !== undefined && !peers.some((peer) => peer.id === peer_id)) no(`There is no peer with id ${peer_id}.`);
  if (id === "new" && (targets !== "both" || routing !== "now"))
    no(
      'A new event goes to listeners and peers by the settings of now: with id "new", choose targets "both" and routing "now".',
    );
  if (reason !== undefined && (state !== undefined || cause !== undefined || entry_ids !== undefined))
    no(
      "An event that was not forwarded has no entry: filter by reason, or by state, cause and entry_ids, but not by both.",
    );
  const entries = phasesOf(request).includes("entries");
  if (reason !== undefined && entries)
    no('An event that was not forwarded has no entry to send again: with reason, choose routing "now".');
  if (
    seqs !== undefined &&
    (state !== undefined || cause !== undefined || reason !== undefined || entry_ids !== undefined)
  )
    no("seqs names the events: it cannot be combined with state, cause, reason or entry_ids.");
  if (since !== undefined && until !== undefined && Date.parse(since) >= Date.parse(until))
    no("since must be before until.");
}

/**
 * What a phase of a request selects. A peer confines the selection where it is about entries or drops; where all events
 * are decided again, it only says who is to get them.
 */
export function selectionOf(
  team: string,
  { filter }: ReplayRequest,
  phase: Phase,
  peers: readonly Peer[],
  bounds: { readonly untilSeq: number; readonly finishedBy: Date },
): Selection {
  const { peer_id, state, cause, reason, type, since, until, entry_ids, seqs } = filter;
  const ofPeer = peer_id !== undefined && reason === undefined && seqs === undefined && phase !== "routing";
  const byEntries = phase === "entries" || ofPeer || namesEntries(filter);
  return {
    team,
    peers: peers.filter((peer) => peer_id === undefined || peer.id === peer_id).map((peer) => peer.no),
    states: byEntries ? (state === undefined ? FINISHED : [state]) : null,
    cause: cause ?? null,
    reason: reason ?? null,
    entries: entry_ids?.map(parseEntryId) ?? null,
    seqs: seqs ?? null,
    type: type ?? null,
    since: since === undefined ? null : new Date(since),
    until: until === undefined ? null : new Date(until),
    ...bounds,
  };
}

/**
 * For which peers a selected event is decided again: those whose newest entry is what the filter is about; with a
 * reason, those that were never owed it; else all.
 */
export function meantBy(filter: ReplayFilter): (peer: Peer, entry: StandingEntry | undefined) => boolean {
  const { peer_id, state, cause, reason, entry_ids } = filter;
  const named = entry_ids === undefined ? null : new Set(entry_ids);
  return (peer, entry) => {
    if (peer_id !== undefined && peer.id !== peer_id) return false;
    if (reason !== undefined) return entry === undefined;
    if (!namesEntries(filter)) return true;
    return (
      entry !== undefined &&
      (state === undefined || entry.state === state) &&
      (cause === undefined || entry.cause === cause) &&
      (named === null || named.has(entryId(entry)))
    );
  };
}

function namesEntries({ state, cause, entry_ids }: ReplayFilter): boolean {
  return state !== undefined || cause !== undefined || entry_ids !== undefined;
}
