import type { Logger } from "pino";
import { type Credentials, checkSecretKey, ensureCredentials, settleInstanceId } from "../bootstrap.ts";
import { LogTail, SegmentKeeper } from "../log/index.ts";
import { createHubMetrics, type HubMetrics } from "../metrics/index.ts";
import { HubNews } from "../news.ts";
import { Presence } from "../presence.ts";
import { HubRegistry, RegistryAdmin, type SecretBox } from "../registry/index.ts";
import { LiveSettings } from "../settings/index.ts";
import { Database } from "../store/database.ts";
import { readEvents } from "../store/event-pages.ts";
import { readHead } from "../store/segments.ts";
import { configuredSettings } from "../upkeep/index.ts";
import type { Opened } from "./opened.ts";
import type { HubOptions } from "./options.ts";

const DAY_MS = 86_400_000;

/** What everything else of a hub stands on: its database, who it is, whom it knows, and where its log ends. */
export interface Foundation {
  readonly db: Database;
  readonly box: SecretBox;
  readonly log: Logger;
  readonly instanceId: string;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly credentials: Credentials;
  readonly metrics: HubMetrics;
  readonly news: HubNews;
  readonly settings: LiveSettings;
  readonly presence: Presence;
  readonly tail: LogTail;
  readonly segments: SegmentKeeper;
  readonly address: HubAddress;
  /** How this hub calls itself in requests. */
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: unknown, doing: string) => void;
}

/** Where the hub is reached; known once it listens, and asked for by nobody before that. */
export class HubAddress {
  /** On this machine. */
  own = "";
  readonly #given: string | null;

  constructor(publicUrl: string | null) {
    this.#given = publicUrl;
  }

  /** By others: what was configured, or else where it listens. */
  get published(): string {
    return this.#given ?? this.own;
  }
}

/** @throws SecretKeyError, and what the database throws */
export async function openFoundation(options: HubOptions, opened: Opened): Promise<Foundation> {
  const { log, box, shared } = options;
  const now = Date.now;
  const onError = (error: unknown, doing: string): void => log.error({ err: error }, `${doing} failed`);
  const db = new Database(options.connection, options.poolSize, (error) =>
    log.debug({ err: error }, "a connection was lost"),
  );
  opened.add(() => db.close());

  await checkSecretKey(db, box);
  const instanceId = await settleInstanceId(db, options.instanceId);
  const registry = await HubRegistry.open(db, box, instanceId, now);
  const admin = new RegistryAdmin(db, registry, box, now);
  const credentials = await ensureCredentials(admin, registry, options.team);
  const configured = configuredSettings(options);
  const settings = await LiveSettings.open({ db, configured, dedupDays: options.dedupDays });

  const presence: Presence = await Presence.open({ db, onNotice: (seq) => void tail.advanceTo(seq), onError });
  opened.add(() => presence.close());
  const head = await readHead(db);
  const tail = new LogTail(
    head.seq,
    (afterSeq, limit) => readEvents(db, { afterSeq, limit }),
    (error) => onError(error, "following the log"),
  );
  const segments = new SegmentKeeper(db, { events: options.segmentEvents, ageMs: DAY_MS, shared }, now, (error) =>
    onError(error, "turning to a new segment"),
  );
  await segments.refresh();
  const address = new HubAddress(options.publicUrl);
  const userAgent = `kite-desktop/${options.version}`;
  const metrics = createHubMetrics();
  const news = new HubNews();
  return {
    ...{ db, box, log, instanceId, registry, admin, credentials, metrics, news, settings, presence, tail, segments },
    ...{ address, userAgent, now, onError },
  };
}
