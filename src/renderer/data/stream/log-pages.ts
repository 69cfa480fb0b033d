import type { EventRow } from "../../../shared/contract/index.ts";
import type { Item } from "./ring-buffer.ts";

/** Reads so many events below a seq, newest first. */
export type AskRows = (before: number, limit: number) => Promise<readonly EventRow[]>;

const PAGE = 200;
/** Pages that are kept; those that were read first go first. */
const HELD = 50;

/**
 * The log, entered anywhere: an event's seq is its place, so only the pages in sight are read, however long the log is. A
 * seq that is not there has no item.
 */
export class LogPages {
  error: unknown = null;
  version = 0;
  readonly #pages = new Map<number, ReadonlyMap<number, Item>>();
  #wanted = { from: 1, to: 0 };
  #busy = false;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly ask: AskRows) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getVersion = (): number => this.version;

  at(seq: number): Item | undefined {
    return this.#pages.get(pageOf(seq))?.get(seq);
  }

  /** Which seqs are in sight, both included; `from` above `to` for none. */
  show(from: number, to: number): void {
    this.#wanted = { from, to };
    void this.#work();
  }

  /** One page after the other, and always one that is in sight now: what was only scrolled past is not read. */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let page = this.#missing(); page !== null; page = this.#missing()) {
        const [above, below] = [page * PAGE, (page + 1) * PAGE + 1];
        const rows = (await this.ask(below, PAGE)).filter(({ seq }) => seq > above);
        this.#pages.set(page, new Map(rows.map((row) => [row.seq, { kind: "row", row }])));
        for (const old of this.#pages.keys()) {
          if (this.#pages.size <= HELD) break;
          this.#pages.delete(old);
        }
        this.error = null;
        this.#tell();
      }
    } catch (error) {
      this.error = error;
      this.#tell();
    } finally {
      this.#busy = false;
    }
  }

  #missing(): number | null {
    const { from, to } = this.#wanted;
    if (from > to) return null;
    for (let page = pageOf(to); page >= pageOf(from); page -= 1) if (!this.#pages.has(page)) return page;
    return null;
  }

  #tell(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}

const pageOf = (seq: number): number => Math.floor((seq - 1) / PAGE);
