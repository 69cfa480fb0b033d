import type { Logger } from "pino";
import type { HubSettings } from "../../../shared/hub-settings.ts";
import { previewSweep, type SegmentKeeper, sweep, type WouldDrop } from "../log/index.ts";
import { type LiveSettings, PayloadKeeper } from "../settings/index.ts";
import type { Database } from "../store/database.ts";

/** How much of a payload is kept when the setting first says `cut`. */
const KEPT_BYTES = 4_096;

/** What the configuration says of the settings that can be changed while the hub runs. */
export function configuredSettings(options: {
  readonly retentionDays: number;
  readonly retentionMb: number;
  readonly refusalBodyBytes: number;
}): HubSettings {
  const { retentionDays, retentionMb, refusalBodyBytes } = options;
  return {
    retentionDays,
    retentionMb,
    keepPayload: "all",
    keepPayloadBytes: KEPT_BYTES,
    keepRefusedBytes: refusalBodyBytes,
  };
}

export interface HousekeepingOptions {
  readonly db: Database;
  readonly segments: SegmentKeeper;
  readonly settings: LiveSettings;
  /** How long ids are remembered. */
  readonly keyDays: number;
  readonly now: () => number;
  readonly log: Logger;
  readonly onError: (error: unknown, doing: string) => void;
}

/** Retention and the keeping of payloads: rounds, one at a time, and one at once when their settings change. */
export class Housekeeping {
  readonly #o: HousekeepingOptions;
  readonly #payloads: PayloadKeeper;
  readonly #unwatch: () => void;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: HousekeepingOptions) {
    this.#o = options;
    this.#payloads = new PayloadKeeper(options.db, () => options.settings.current, options.now);
    this.#unwatch = options.settings.onChange(() => {
      this.round().catch((error) => options.onError(error, "retention by the new settings"));
    });
  }

  /** A round after the one that runs. @throws the error of the database */
  round(): Promise<void> {
    const round = this.#last.then(() => (this.#stopped ? undefined : this.#round()));
    this.#last = round.catch(() => undefined);
    return round;
  }

  /** What retention by other limits would drop now. */
  preview({ retentionDays, retentionMb }: Pick<HubSettings, "retentionDays" | "retentionMb">): Promise<WouldDrop> {
    const { db, segments, now } = this.#o;
    return previewSweep(db, segments, { eventDays: retentionDays, eventMb: retentionMb }, now());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    await this.#last;
  }

  async #round(): Promise<void> {
    const { db, segments, settings, keyDays, now, log } = this.#o;
    const { retentionDays: eventDays, retentionMb: eventMb } = settings.current;
    const { eventsOf, keysOf, held } = await sweep(db, segments, { eventDays, eventMb, keyDays }, now());
    if (eventsOf.length + keysOf.length + held.length > 0) log.info({ eventsOf, keysOf, held }, "retention swept");
    const reduced = await this.#payloads.round();
    if (reduced > 0) log.info({ reduced }, "payloads were reduced, as the settings say");
  }
}
