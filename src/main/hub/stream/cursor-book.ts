import type { Logger } from "pino";
import { type Cursor, type CursorUpdate, deleteCursor, openCursor, saveCursors } from "../store/cursors.ts";
import type { Queryable } from "../store/database.ts";

/** Wait before a write that failed is tried again, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * The cursors of this hub's listeners. Acknowledgements of all sessions share a statement: while one is written, the next
 * ones gather, and nothing waits when the database is idle. What cannot be written now is kept and tried again.
 */
export class CursorBook {
  readonly #db: Queryable;
  readonly #log: Logger;
  #dirty = new Map<string, CursorUpdate>();
  #writing: ReadonlyMap<string, CursorUpdate> = new Map();
  #loop: Promise<void> | null = null;
  #wakeRetry: (() => void) | null = null;
  #stopping = false;

  constructor(db: Queryable, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  /**
   * A listener's cursor, or a new one at `seq`.
   * @throws the database's error
   */
  async open(team: string, clientId: string, seq: number, scopes: readonly string[]): Promise<Cursor> {
    const stored = await openCursor(this.#db, { team, clientId, seq, scopes });
    const name = nameOf(team, clientId);
    // Acknowledgements of an earlier connection may still be on their way into the database.
    return [this.#writing.get(name), this.#dirty.get(name)].reduce<Cursor>(
      (cursor, update) => (update === undefined ? cursor : further(cursor, update)),
      stored,
    );
  }

  /** Moves a cursor, soon. Never back. */
  move(update: CursorUpdate): void {
    const name = nameOf(update.team, update.clientId);
    const earlier = this.#dirty.get(name);
    this.#dirty.set(name, earlier === undefined ? update : { ...update, ...further(earlier, update) });
    this.#loop ??= this.#write();
  }

  /** Forgets the cursor of a listener that is not connected. @returns false when there is none */
  async forget(team: string, clientId: string): Promise<boolean> {
    this.#dirty.delete(nameOf(team, clientId));
    // What is being written now would bring it back.
    await this.#loop;
    return deleteCursor(this.#db, team, clientId);
  }

  /** Writes what is left, once; gives up what the database does not take then. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeRetry?.();
    await this.#loop;
  }

  async #write(): Promise<void> {
    // One turn of the event loop, so that acknowledgements that arrived together go together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#dirty.size > 0) {
      const lastTry = this.#stopping;
      this.#writing = this.#dirty;
      this.#dirty = new Map();
      try {
        await saveCursors(this.#db, [...this.#writing.values()]);
        this.#writing = new Map();
      } catch (error) {
        const failed = this.#writing;
        this.#writing = new Map();
        if (lastTry) {
          this.#log.warn(
            { err: error, cursors: failed.size },
            "cursors were not saved; their listeners will see events again",
          );
          break;
        }
        this.#log.warn({ err: error, cursors: failed.size }, "cursors cannot be saved now; trying again");
        const newer = this.#dirty;
        this.#dirty = new Map(failed);
        for (const [name, update] of newer) {
          const older = failed.get(name);
          this.#dirty.set(name, older === undefined ? update : { ...update, ...further(older, update) });
        }
        await this.#pause();
      }
    }
    this.#loop = null;
  }

  async #pause(): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeRetry = null;
  }
}

const nameOf = (team: string, clientId: string): string => `${team}\u0000${clientId}`;

/** Two moves of one cursor as one, as the store would make it of them. */
function further(earlier: Cursor, later: Cursor): Cursor {
  const same = sameScopes(earlier.scopes, later.scopes);
  return {
    seq: Math.max(earlier.seq, later.seq),
    passed: same ? Math.max(earlier.passed, later.passed) : later.passed,
    scopes: later.scopes,
  };
}

/** Scopes are kept in one order (see parseScopes), so equal sets are equal lists. */
export function sameScopes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((scope, index) => scope === b[index]);
}
