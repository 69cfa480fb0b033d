import type { LogEvent } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Queryable } from "../store/database.ts";
import { addHookActivity, type HookActivity } from "../store/hook-activity.ts";

const FLUSH_MS = 1_000;

export interface EndpointActivityOptions {
  readonly db: Queryable;
  readonly registry: Pick<RegistryView, "hook">;
  /** Told when counts could not be written; they are kept and written later. */
  readonly onError: (error: unknown) => void;
}

/**
 * Counts what each endpoint let in. Kept in memory for up to a second and then written in one statement, so that it
 * costs an accepted event next to nothing; a crash may lose the last second of the counts.
 */
export class EndpointActivity {
  readonly #o: EndpointActivityOptions;
  #waiting = new Map<string, HookActivity>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: EndpointActivityOptions) {
    this.#o = options;
  }

  /** Takes a committed batch. */
  committed(events: readonly LogEvent[]): void {
    for (const { team, hook, seq, receivedAt, replayOf } of events) {
      if (hook === null || replayOf !== null) continue;
      const id = this.#o.registry.hook(team, hook)?.id;
      if (id !== undefined) this.#add({ hook: id, events: 1, lastSeq: seq, lastEventAt: new Date(receivedAt) });
    }
    if (this.#waiting.size > 0) this.#schedule();
  }

  /** Writes what waits: all that was committed before the call is written when it resolves. */
  async flush(): Promise<void> {
    // A write that is under way may have begun before.
    await this.#writing;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    const rows = [...this.#waiting.values()];
    if (rows.length === 0) return;
    this.#waiting = new Map();
    try {
      await addHookActivity(this.#o.db, rows);
    } catch (error) {
      this.#o.onError(error);
      for (const row of rows) this.#add(row);
      this.#schedule();
    }
  }

  #add(row: HookActivity): void {
    const held = this.#waiting.get(row.hook);
    const later = held === undefined || held.lastSeq < row.lastSeq ? row : held;
    this.#waiting.set(row.hook, { ...later, events: row.events + (held?.events ?? 0) });
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, FLUSH_MS);
    this.#timer.unref();
  }
}
