/** After a commit whose answer was lost, for so long what it may have written is looked for. Milliseconds. */
const SUSPECT_MS = 60_000;
const LOOK_MS = 1_000;

/**
 * Publishes what was committed after `after`, up to `upTo` or to the head, and gives back what is leased to this hub
 * there: none of it is in anyone's hands.
 * @returns the newest seq it has looked at
 * @throws the error of the database
 */
export type Reconcile = (after: number, upTo: number | null) => Promise<number>;

/**
 * Makes good for commits whose answer was lost. The database may have made them, or may yet make them, while nobody
 * here published the events or holds the entries that were leased with them. What they wrote stands behind the last
 * batch that this process knows of, so it can be found as long as nothing is committed meanwhile: the log calls these
 * methods between its commits, never during one.
 */
export class Doubt {
  readonly #reconcile: Reconcile;
  readonly #now: () => number;
  /** Has the log call `settle` when no event comes. */
  readonly #rouse: () => void;
  #known: number;
  #until = 0;
  #open = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param known the newest seq when this process started */
  constructor(known: number, options: { reconcile: Reconcile; rouse: () => void; now: () => number }) {
    this.#known = known;
    this.#reconcile = options.reconcile;
    this.#rouse = options.rouse;
    this.#now = options.now;
  }

  /** Nothing was lost, or so long ago that nothing is looked for: commits may be made behind each other. */
  get quiet(): boolean {
    return !this.#open && this.#now() >= this.#until;
  }

  /** The answer to a commit was lost. */
  raise(): void {
    this.#open = true;
    this.#until = this.#now() + SUSPECT_MS;
    this.#schedule();
  }

  /** Before a commit: settles what an earlier one may have left. @throws the error of the database */
  async settle(): Promise<void> {
    if (!this.#open) return;
    this.#known = Math.max(this.#known, await this.#reconcile(this.#known, null));
    this.#open = false;
  }

  /**
   * After a commit that was confirmed. A gap before it may hold a statement that was given up and ended late. Never
   * throws: what cannot be settled now is left to the tail's next reading and to the end of the leases.
   * @param base the seq before its first
   * @param last the seq of its last
   */
  async confirmed(base: number, last: number): Promise<void> {
    const after = this.#known;
    this.#known = last;
    if (base > after && this.#now() < this.#until) await this.#reconcile(after, base).catch(() => undefined);
  }

  stop(): void {
    this.#until = 0;
    clearTimeout(this.#timer);
  }

  /** A statement that was given up may still be running: it is looked for until that cannot be any more. */
  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#now() >= this.#until) return;
      this.#open = true;
      this.#rouse();
      this.#schedule();
    }, LOOK_MS);
    this.#timer.unref();
  }
}
