import type { Verdict } from "../../../shared/filter/index.ts";
import type { Item, RingBuffer } from "./ring-buffer.ts";

/** The ordinals of the items that fit a filter, oldest first, kept up to date item by item. */
export class FilterIndex {
  #fits: number[] = [];
  #start = 0;
  #scanned: number;
  /** The seqs of rows that cannot be judged without their payload, as one stretch; null when there are none. */
  undecided: { from: number; to: number } | null = null;
  readonly #confirmed = new Set<number>();

  constructor(
    private readonly buffer: RingBuffer,
    private readonly judge: (item: Item) => Verdict,
  ) {
    this.#scanned = buffer.first;
    this.update();
  }

  get size(): number {
    return this.#fits.length - this.#start;
  }

  /** Takes in what is new in the buffer and lets go of what has left it. */
  update(): void {
    const { buffer } = this;
    for (let ordinal = Math.max(this.#scanned, buffer.first); ordinal < buffer.next; ordinal += 1)
      if (this.#accepts(ordinal)) this.#fits.push(ordinal);
    this.#scanned = buffer.next;
    while (this.#start < this.#fits.length && (this.#fits[this.#start] ?? 0) < buffer.first) this.#start += 1;
    if (this.#start > 10_000) {
      this.#fits = this.#fits.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Judges items again that are others now. */
  reconsider(ordinals: readonly number[]): void {
    for (const ordinal of ordinals) {
      if (ordinal < this.buffer.first || ordinal >= this.#scanned) continue;
      this.#place(ordinal, this.#accepts(ordinal));
    }
  }

  /** Says that these events fit, as the database found. */
  confirm(seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.#confirmed.add(seq);
      const ordinal = this.buffer.ordinalOf(seq);
      if (ordinal !== undefined) this.#place(ordinal, true);
    }
  }

  takeUndecided(): { from: number; to: number } | null {
    const { undecided } = this;
    this.undecided = null;
    return undecided;
  }

  /** How many fit up to and with this ordinal. */
  upTo(ordinal: number): number {
    return Math.max(0, this.#find(ordinal + 1) - this.#start);
  }

  /** The ordinal at a place, counted from the oldest that fits. */
  at(place: number): number | undefined {
    return this.#fits[this.#start + place];
  }

  #accepts(ordinal: number): boolean {
    const item = this.buffer.at(ordinal);
    if (item === undefined) return false;
    const says = this.judge(item);
    if (says !== "needs data" || item.kind !== "row") return says === "yes";
    const { seq } = item.row;
    if (this.#confirmed.has(seq)) return true;
    const { from, to } = this.undecided ?? { from: seq, to: seq };
    this.undecided = { from: Math.min(from, seq), to: Math.max(to, seq) };
    return false;
  }

  #place(ordinal: number, fits: boolean): void {
    const at = this.#find(ordinal);
    const there = this.#fits[at] === ordinal;
    if (fits && !there) this.#fits.splice(at, 0, ordinal);
    if (!fits && there) this.#fits.splice(at, 1);
  }

  /** Where the first ordinal stands that is not below the given one. */
  #find(ordinal: number): number {
    let [low, high] = [this.#start, this.#fits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#fits[middle] ?? 0) < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
