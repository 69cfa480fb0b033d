import type { Bytes16 } from "../model.ts";
import type { Database } from "../store/database.ts";
import { readKeys } from "../store/dedup.ts";
import { listSegments, prepareSegment, readHead, type Segment, saveFilter, turnSegment } from "../store/segments.ts";
import { Bloom } from "./bloom.ts";
import { KeyMemory } from "./key-memory.ts";

const KEY_PAGE = 20_000;
const FIRST_UUID = "00000000-0000-0000-0000-000000000000";

export interface SegmentLimits {
  /** Events after which a new segment begins. */
  readonly events: number;
  /** Milliseconds after which a segment that has events is closed, so that retention by age can take it. */
  readonly ageMs: number;
  /** True when other hub processes may write to the same segments. */
  readonly shared: boolean;
}

/**
 * Keeps the current segment, the filters of all segments, and turns to a new segment when the current one is full or
 * old. Turning costs one short transaction; the new partitions are made before it.
 */
export class SegmentKeeper {
  readonly memory = new KeyMemory();
  readonly #db: Database;
  readonly #limits: SegmentLimits;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  #segments: readonly Segment[] = [];
  #current = 0;
  #inCurrent = 0;
  #openedAt = 0;
  #turning: Promise<void> | null = null;

  constructor(db: Database, limits: SegmentLimits, now: () => number, onError: (error: unknown) => void) {
    this.#db = db;
    this.#limits = limits;
    this.#now = now;
    this.#onError = onError;
  }

  /** The segment that new events go to. */
  get current(): number {
    return this.#current;
  }

  /** Every segment whose keys are remembered. */
  all(): number[] {
    return this.#segments.map((segment) => segment.segment);
  }

  /** Every segment whose keys are remembered, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Reads where the log stands and the filters that are missing. */
  async refresh(): Promise<void> {
    const head = await readHead(this.#db);
    const segments = await listSegments(this.#db);
    for (const segment of segments) {
      const sealed = segment.sealedAt !== null;
      if (this.memory.has(segment.segment) && !(sealed && segment.segment === this.#current)) continue;
      // A filter of our own is complete only if no other hub wrote to the segment; the stored one may not be either,
      // for the hub that sealed it knew its own keys. So it is built from the table, once, and kept.
      const stored = sealed ? segment.keyFilter : null;
      if (stored !== null) this.memory.load(segment.segment, new Bloom(stored));
      else await this.#build(segment);
    }
    for (const known of this.#segments)
      if (!segments.some((segment) => segment.segment === known.segment)) this.memory.forget(known.segment);
    this.#segments = segments;
    const current = segments.find((segment) => segment.segment === head.segment);
    if (current === undefined) throw new Error(`segment ${head.segment} is not listed: this database is damaged`);
    this.#current = head.segment;
    this.#inCurrent = head.seq - current.firstSeq + 1;
    this.#openedAt = current.openedAt.getTime();
  }

  /** Called after each commit. */
  count(events: number): void {
    this.#inCurrent += events;
  }

  /** Waits while a turn is under way; begins one when the current segment is full or old. */
  async ready(): Promise<void> {
    const age = this.#now() - this.#openedAt;
    if (this.#inCurrent >= this.#limits.events || (this.#inCurrent > 0 && age >= this.#limits.ageMs))
      this.#turning ??= this.#turn().finally(() => {
        this.#turning = null;
      });
    if (this.#turning !== null) await this.#turning;
  }

  async #turn(): Promise<void> {
    const from = this.#current;
    try {
      await this.#db.transaction((tx) => prepareSegment(tx, from + 1));
      await this.#db.transaction(async (tx) => {
        // Other hubs' keys are not in our filter: it is built from the table then, by `refresh`.
        const filter = this.#limits.shared ? undefined : this.memory.filter(from);
        const stored = filter === undefined ? null : Buffer.from(filter.bits);
        await turnSegment(tx, from, stored, new Date(this.#now()));
      });
      await this.refresh();
    } catch (error) {
      // The old segment goes on; the next batch tries again.
      this.#onError(error);
    }
  }

  async #build(segment: Segment): Promise<void> {
    const expected = segment.lastSeq === null ? this.#limits.events : segment.lastSeq - segment.firstSeq + 1;
    const filter = Bloom.forKeys(Math.max(expected, this.#limits.events));
    let after: string | null = FIRST_UUID;
    while (after !== null) {
      const page: { keys: Bytes16[]; last: string | null } = await readKeys(this.#db, segment.segment, after, KEY_PAGE);
      for (const key of page.keys) filter.add(key);
      after = page.last;
    }
    this.memory.load(segment.segment, filter);
    if (segment.sealedAt !== null) await saveFilter(this.#db, segment.segment, Buffer.from(filter.bits));
  }
}
