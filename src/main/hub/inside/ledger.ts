import { eventRows } from "../event-row.ts";
import type { LogEvent } from "../model.ts";
import {
  type AttachedHubRow,
  deleteAttachedHub,
  deleteView,
  insertAttachedHub,
  listAttachedHubs,
  listViews,
  type SavedViewRow,
  saveView,
} from "../store/console-keeping.ts";
import { listCursors } from "../store/cursors.ts";
import type { Database } from "../store/database.ts";
import { outcomesOfSeqs } from "../store/event-outcomes.ts";
import { headSeq, oldestSeq } from "../store/event-pages.ts";
import * as ledger from "../store/ledger.ts";
import { depths } from "../store/outbox-depth.ts";

/** What the hub remembers, as functions over its database. Each is bounded, whatever the size of the log. */
export function openLedger(db: Database) {
  return {
    head: () => headSeq(db),
    oldest: () => oldestSeq(db),
    searchEvents: (query: ledger.EventQuery) => ledger.searchEvents(db, query),
    event: (team: string, seq: number) => ledger.readEvent(db, team, seq),
    eventsBySeq: (team: string, seqs: readonly number[]) => ledger.eventsBySeq(db, team, seqs),
    seqsOfId: (team: string, id: string, limit: number) => ledger.seqsOfId(db, team, id, limit),
    arrivals: (seq: number, segment: number, limit: number) => ledger.readArrivals(db, seq, segment, limit),
    outcomes: (seqs: readonly number[]) => outcomesOfSeqs(db, seqs),
    rows: (events: readonly LogEvent[]) => eventRows(db, events),
    decisions: (query: ledger.DecisionQuery) => ledger.listDecisions(db, query),
    entries: (query: ledger.EntryQuery) => ledger.listEntries(db, query),
    entriesOfEvent: (team: string, seq: number) => ledger.entriesOfEvent(db, team, seq),
    entry: (team: string, key: ledger.EntryKey) => ledger.readEntry(db, team, key),
    attempts: (query: ledger.AttemptQuery) => ledger.listAttempts(db, query),
    attemptsById: (team: string, ids: readonly string[]) => ledger.readAttempts(db, team, ids),
    causes: (team: string, peerId: string | null) => ledger.countCauses(db, team, peerId),
    newestDead: (groups: Parameters<typeof ledger.newestDead>[1]) => ledger.newestDead(db, groups),
    countDead: (peers: readonly number[]) => ledger.countDead(db, peers),
    depths: (peers: readonly number[], limit?: number) => depths(db, peers, limit),
    counts: (query: ledger.CountQuery) => ledger.sumCounts(db, query),
    refusals: (query: ledger.RefusalQuery) => ledger.pageRefusals(db, query),
    refusal: (team: string, id: string) => ledger.readRefusal(db, team, id),
    chains: (team: string, since: Date) => ledger.seenChains(db, team, since),
    cursors: (team: string, limit: number) => listCursors(db, team, limit),
    views: (team: string) => listViews(db, team),
    saveView: (team: string, view: SavedViewRow) => saveView(db, team, view),
    removeView: (team: string, id: string) => deleteView(db, team, id),
    attachedHubs: () => listAttachedHubs(db),
    attachHub: (hub: AttachedHubRow) => insertAttachedHub(db, hub),
    detachHub: (id: string) => deleteAttachedHub(db, id),
  };
}
export type Ledger = ReturnType<typeof openLedger>;
