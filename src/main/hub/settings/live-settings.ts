import type { z } from "zod";
import { HubSettings } from "../../../shared/hub-settings.ts";
import { HubError } from "../errors.ts";
import { type Database, toHubError } from "../store/database.ts";
import { lockSetting, readSetting, writeSetting } from "../store/settings.ts";

/** Where the changed settings stand in table `settings`: only those that were changed, so that the rest follows the configuration. */
const KEY = "hub_settings";

const Stored = HubSettings.partial();

/** Settings to change; what is absent or undefined stays as it is. */
export type SettingsChange = z.infer<typeof Stored>;

export interface LiveSettingsOptions {
  readonly db: Database;
  /** What the configuration says. A setting that was changed wins over it, until it is set back. */
  readonly configured: HubSettings;
  /** Ids are remembered so long; their events must not be kept for longer. Days. */
  readonly dedupDays: number;
}

/** The settings that can be changed while the hub runs. They are in the database, so an export carries them and all hubs share them. */
export class LiveSettings {
  readonly #o: LiveSettingsOptions;
  #changed: Partial<HubSettings> = {};
  readonly #watchers = new Set<(settings: HubSettings) => void>();

  private constructor(options: LiveSettingsOptions) {
    this.#o = options;
  }

  static async open(options: LiveSettingsOptions): Promise<LiveSettings> {
    const settings = new LiveSettings(options);
    await settings.refresh();
    return settings;
  }

  /** As they are now. */
  get current(): HubSettings {
    return { ...this.#o.configured, ...this.#changed };
  }

  /** Tells of every change, until the function that it returns is called. */
  onChange(watcher: (settings: HubSettings) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Reads what another hub on this database may have changed. What cannot be read, from another version, is ignored. */
  async refresh(): Promise<void> {
    this.#take(readStored((await readSetting(this.#o.db, KEY)) ?? {}));
  }

  /**
   * Changes some settings, at once, on top of what every other hub on this database has changed. One that is set to what
   * the configuration says follows the configuration again.
   * @throws HubError `bad_request` naming every problem; `unavailable`
   */
  async update(change: SettingsChange): Promise<HubSettings> {
    const { db, configured } = this.#o;
    try {
      const changed = await db.transaction(async (tx) => {
        const stored = readStored(await lockSetting(tx, KEY));
        const next = differences(this.#checked({ ...configured, ...stored, ...defined(change) }), configured);
        await writeSetting(tx, KEY, next);
        return next;
      });
      this.#take(changed);
      return this.current;
    } catch (error) {
      throw toHubError(error);
    }
  }

  #checked(wanted: HubSettings): HubSettings {
    const next = HubSettings.safeParse(wanted);
    if (!next.success) {
      const problems = next.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new HubError("bad_request", `These settings are not possible. ${problems.join("; ")}.`);
    }
    if (next.data.retentionDays > this.#o.dedupDays)
      throw new HubError(
        "bad_request",
        `Events cannot be kept for ${next.data.retentionDays} days: ids are remembered for ${this.#o.dedupDays}, and an id ` +
          "that is forgotten before its event would let the event in twice. Raise KITE_DEDUP_DAYS, which is read at the start.",
        { field: "retentionDays" },
      );
    return next.data;
  }

  #take(changed: Partial<HubSettings>): void {
    const before = JSON.stringify(this.current);
    this.#changed = changed;
    if (JSON.stringify(this.current) === before) return;
    for (const watcher of this.#watchers) watcher(this.current);
  }
}

function readStored(value: unknown): Partial<HubSettings> {
  const stored = Stored.safeParse(value);
  return stored.success ? defined(stored.data) : {};
}

function defined(change: SettingsChange): Partial<HubSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function differences(settings: HubSettings, from: HubSettings): Partial<HubSettings> {
  const keys = Object.keys(settings) as (keyof HubSettings)[];
  return Object.fromEntries(keys.filter((key) => settings[key] !== from[key]).map((key) => [key, settings[key]]));
}
