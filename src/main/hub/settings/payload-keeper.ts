import type { HubSettings } from "../../../shared/hub-settings.ts";
import type { Database } from "../store/database.ts";
import { headSeq, oldestSeq } from "../store/event-pages.ts";
import { reducePayloads, slowestCursor } from "../store/payload.ts";

const HOUR_MS = 3_600_000;
/** Nothing younger is reduced: whoever looks into what just happened sees it whole, and a late shorter copy is sent whole. */
const YOUNGEST_MS = HOUR_MS;
/** A listener that was seen within this time still gets whole events; one that was away for longer gets what is left. */
const LISTENER_MS = 24 * HOUR_MS;
/** What was owed when it was passed by is looked at again after this time. */
const AGAIN_MS = 24 * HOUR_MS;
const WINDOW = 5_000;
/** Windows of one round, so that a round ends. */
const MOST_WINDOWS = 200;

/**
 * Reduces payloads as the settings say (docs/adr/0007): never one that is younger than an hour, that is owed to a peer or
 * a dead letter, or that a listener seen within a day has not acknowledged.
 */
export class PayloadKeeper {
  #next = 0;
  #began = 0;
  #kept = "";

  constructor(
    private readonly db: Database,
    private readonly settings: () => HubSettings,
    private readonly now: () => number,
  ) {}

  /** One round. @returns how many payloads were reduced */
  async round(): Promise<number> {
    const { keepPayload, keepPayloadBytes } = this.settings();
    if (keepPayload === "all") return 0;
    const bytes = keepPayload === "none" ? 0 : keepPayloadBytes;
    const now = this.now();
    if (this.#kept !== `${bytes}` || now - this.#began > AGAIN_MS) {
      this.#kept = `${bytes}`;
      this.#began = now;
      this.#next = 0;
    }
    const slowest = await slowestCursor(this.db, new Date(now - LISTENER_MS));
    const end = Math.min(await headSeq(this.db), slowest ?? Number.MAX_SAFE_INTEGER);
    const receivedBefore = new Date(now - YOUNGEST_MS);
    let reduced = 0;
    let first = Math.max(this.#next, await oldestSeq(this.db));
    for (let windows = 0; first <= end && windows < MOST_WINDOWS; windows++) {
      const last = Math.min(first + WINDOW - 1, end);
      const step = await reducePayloads(this.db, { first, last, receivedBefore }, bytes);
      reduced += step.reduced;
      // What is too young now is where the next round begins.
      this.#next = first = step.young ?? last + 1;
      if (step.young !== null) break;
    }
    return reduced;
  }
}
