import { deleteIdleCursors } from "../store/cursors.ts";
import type { Database } from "../store/database.ts";
import {
  countOwed,
  dropOldCounts,
  dropSegmentEvents,
  dropSegmentKeys,
  type Segment,
  segmentBytes,
} from "../store/segments.ts";
import type { SegmentKeeper } from "./segment-keeper.ts";

const DAY_MS = 86_400_000;
/** Counts and cursors are small: a chart of a season is worth having, and a listener may come back after a summer. */
const SMALL_DAYS = 90;

export interface RetentionLimits {
  readonly eventDays: number;
  /** Megabytes of events; 0 is no limit. */
  readonly eventMb: number;
  readonly keyDays: number;
}

/** What one sweep did. */
export interface Swept {
  readonly eventsOf: readonly number[];
  readonly keysOf: readonly number[];
  /** Segments that are due, but hold events that are still owed to a peer. */
  readonly held: readonly number[];
}

/**
 * Drops whole segments that are past the limits, oldest first. A segment stays while an outbox entry of it is owed:
 * nothing accepted is lost because it waited for a peer.
 */
export async function sweep(db: Database, keeper: SegmentKeeper, limits: RetentionLimits, now: number): Promise<Swept> {
  await keeper.refresh();
  const sealed = keeper.segments.filter((segment) => segment.sealedAt !== null);
  const due = await pastLimits(db, sealed, limits, now);

  const eventsOf: number[] = [];
  const held: number[] = [];
  for (const { segment } of due) {
    if ((await countOwed(db, segment)) > 0) {
      held.push(segment);
      continue;
    }
    await db.transaction((tx) => dropSegmentEvents(tx, segment));
    eventsOf.push(segment);
  }
  const keysOf: number[] = [];
  for (const segment of sealed) {
    const gone = segment.eventsDroppedAt !== null || eventsOf.includes(segment.segment);
    if (!gone || age(segment, now) <= limits.keyDays * DAY_MS) continue;
    await db.transaction((tx) => dropSegmentKeys(tx, segment.segment));
    keysOf.push(segment.segment);
  }
  const before = new Date(now - SMALL_DAYS * DAY_MS);
  await dropOldCounts(db, before);
  await deleteIdleCursors(db, before);
  if (eventsOf.length + keysOf.length > 0) await keeper.refresh();
  return { eventsOf, keysOf, held };
}

export interface WouldDrop {
  readonly segments: number;
  readonly events: number;
  readonly bytes: number;
  /** Segments that are due, but hold events that are still owed to a peer. */
  readonly held: number;
}

/** What a sweep by these limits would drop of the events now. Nothing is changed. */
export async function previewSweep(
  db: Database,
  keeper: SegmentKeeper,
  limits: Omit<RetentionLimits, "keyDays">,
  now: number,
): Promise<WouldDrop> {
  await keeper.refresh();
  const sum = { segments: 0, events: 0, bytes: 0, held: 0 };
  const sealed = keeper.segments.filter((segment) => segment.sealedAt !== null);
  for (const { segment, firstSeq, lastSeq } of await pastLimits(db, sealed, limits, now)) {
    if ((await countOwed(db, segment)) > 0) {
      sum.held += 1;
      continue;
    }
    sum.segments += 1;
    sum.events += (lastSeq ?? firstSeq - 1) - firstSeq + 1;
    sum.bytes += await segmentBytes(db, segment);
  }
  return sum;
}

/** Those of the sealed segments whose events are too old or too much. */
async function pastLimits(
  db: Database,
  sealed: readonly Segment[],
  limits: Omit<RetentionLimits, "keyDays">,
  now: number,
): Promise<ReadonlySet<Segment>> {
  const kept = sealed.filter((segment) => segment.eventsDroppedAt === null);
  const due = new Set(kept.filter((segment) => age(segment, now) > limits.eventDays * DAY_MS));
  if (limits.eventMb > 0) for (const segment of await overSize(db, kept, limits.eventMb)) due.add(segment);
  return due;
}

/** A segment is as old as its youngest event. */
function age(segment: Segment, now: number): number {
  return now - (segment.sealedAt?.getTime() ?? now);
}

async function overSize(db: Database, kept: readonly Segment[], limitMb: number): Promise<Segment[]> {
  const sizes = await Promise.all(kept.map((segment) => segmentBytes(db, segment.segment)));
  let left = limitMb * 1024 * 1024;
  const over: Segment[] = [];
  for (let i = kept.length - 1; i >= 0; i--) {
    const segment = kept[i];
    if (segment === undefined) continue;
    left -= sizes[i] ?? 0;
    if (left < 0) over.unshift(segment);
  }
  return over;
}
