import type { EventRow, Outcome, StreamMessage } from "../../../shared/contract/index.ts";

export type GapReason = Extract<StreamMessage, { kind: "gap" }>["reason"];

/** A hole that is shown as a row: the events from one seq to another, both included, were not sent. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

export type Item = { readonly kind: "row"; readonly row: EventRow } | { readonly kind: "gap"; readonly gap: Gap };

export const keyOf = (item: Item): string => (item.kind === "row" ? `${item.row.seq}` : `gap-${item.gap.from}`);

/**
 * The newest events and gaps, in the order of the log. Each item has an ordinal that it keeps: they count up from 0 and
 * never name another item, whatever is taken out at the old end.
 */
export class RingBuffer {
  readonly #items: (Item | undefined)[];
  readonly #bySeq = new Map<number, number>();
  /** Ordinal of the oldest item held. */
  first = 0;
  /** Ordinal that the next item gets. */
  next = 0;
  /** The newest seq that was put in or is known to be missing; 0 at the start. */
  lastSeq = 0;

  constructor(readonly capacity = 100_000) {
    this.#items = new Array(Math.min(capacity, 1_024));
  }

  get size(): number {
    return this.next - this.first;
  }

  at(ordinal: number): Item | undefined {
    return ordinal < this.first || ordinal >= this.next ? undefined : this.#items[ordinal % this.capacity];
  }

  ordinalOf(seq: number): number | undefined {
    return this.#bySeq.get(seq);
  }

  /** @returns false for a row that is here already, or is older than what is here: it is left out */
  push(row: EventRow): boolean {
    if (row.seq <= this.lastSeq) return false;
    this.#bySeq.set(row.seq, this.next);
    this.#put({ kind: "row", row });
    this.lastSeq = row.seq;
    return true;
  }

  /** Only the part of a gap that is newer than what is here counts. */
  pushGap(gap: Gap): boolean {
    if (gap.to <= this.lastSeq) return false;
    this.#put({ kind: "gap", gap: { ...gap, from: Math.max(gap.from, this.lastSeq + 1) } });
    this.lastSeq = gap.to;
    return true;
  }

  /**
   * Says anew what became of an event at a peer.
   * @returns the ordinal of the row that is another now; undefined when the event is not here
   */
  setOutcome(seq: number, outcome: Outcome): number | undefined {
    const ordinal = this.#bySeq.get(seq);
    const item = ordinal === undefined ? undefined : this.at(ordinal);
    if (ordinal === undefined || item?.kind !== "row") return undefined;
    const others = item.row.outcomes.filter(({ peer }) => peer !== outcome.peer);
    const outcomes = [...others, outcome].sort((a, b) => a.peer - b.peer);
    this.#items[ordinal % this.capacity] = { kind: "row", row: { ...item.row, outcomes } };
    return ordinal;
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#bySeq.clear();
    this.first = this.next;
    this.lastSeq = 0;
  }

  #put(item: Item): void {
    if (this.size === this.capacity) {
      const oldest = this.at(this.first);
      if (oldest?.kind === "row") this.#bySeq.delete(oldest.row.seq);
      this.first += 1;
    }
    this.#items[this.next % this.capacity] = item;
    this.next += 1;
  }
}
