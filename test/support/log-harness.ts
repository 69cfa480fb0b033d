import { uuidv7 } from "uuidv7";
import {
  EventLog,
  eventIdentity,
  LogTail,
  previewSweep,
  type RetentionLimits,
  SegmentKeeper,
  sweep,
} from "../../src/main/hub/log/index.ts";
import type { Candidate, Duplicate, FreshEntry, LaneDoor, LogEvent } from "../../src/main/hub/model.ts";
import { createSecretBox, HubRegistry, RegistryAdmin } from "../../src/main/hub/registry/index.ts";
import type { DropRow } from "../../src/main/hub/store/accept-batch.ts";
import { Database, type Queryable } from "../../src/main/hub/store/database.ts";
import { readEvents } from "../../src/main/hub/store/event-pages.ts";
import { readHead } from "../../src/main/hub/store/segments.ts";
import { Writer } from "../../src/main/hub/store/writer.ts";
import { createTestDatabase, type TestDatabase } from "./postgres.ts";

/** Lanes that take nothing in memory, unless a test opens them, and remember what they were told. */
export class FakeLanes implements LaneDoor {
  open = false;
  readonly offered: FreshEntry[] = [];
  readonly woken: number[] = [];
  readonly givenBack: number[] = [];

  mayLease(): boolean {
    return this.open;
  }
  offer(_peer: number, entries: readonly FreshEntry[]): void {
    this.offered.push(...entries);
  }
  giveBack(_peer: number, count: number): void {
    this.givenBack.push(count);
  }
  wake(peer: number): void {
    this.woken.push(peer);
  }
}

export interface LogHarnessOptions {
  readonly database?: TestDatabase;
  readonly segmentEvents?: number;
  readonly shared?: boolean;
  readonly instanceId?: string;
  /** Stands between the log and its connection, to make statements fail or wait. */
  readonly wrapWriter?: (writer: Queryable) => Queryable;
}

/** The log of one hub over a real database, with everything around it at hand. */
export class LogHarness {
  readonly published: LogEvent[] = [];
  readonly drops: DropRow[] = [];
  readonly batches: number[] = [];
  readonly duplicates: Duplicate[] = [];
  readonly errors: unknown[] = [];
  readonly lanes = new FakeLanes();
  now = Date.now();

  private constructor(
    readonly database: TestDatabase,
    readonly db: Database,
    readonly registry: HubRegistry,
    readonly admin: RegistryAdmin,
    readonly segments: SegmentKeeper,
    readonly tail: LogTail,
    readonly log: EventLog,
    private readonly writer: Writer,
    private readonly ownsDatabase: boolean,
  ) {}

  static async open(options: LogHarnessOptions = {}): Promise<LogHarness> {
    const database = options.database ?? (await createTestDatabase());
    const db = new Database(database.connection, 4, () => undefined);
    const box = createSecretBox("a key that is long enough for tests");
    const registry = await HubRegistry.open(db, box, options.instanceId ?? "hub-a", Date.now);
    const admin = new RegistryAdmin(db, registry, box, () => Date.now());
    await admin.createTeam("team", "Team");
    const writer = new Writer(database.connection);
    let self: LogHarness | null = null;
    const segments = new SegmentKeeper(
      db,
      { events: options.segmentEvents ?? 10_000, ageMs: 86_400_000, shared: options.shared ?? false },
      () => self?.now ?? Date.now(),
      (error) => self?.errors.push(error),
    );
    await segments.refresh();
    const head = await readHead(db);
    const tail = new LogTail(
      head.seq,
      (afterSeq, limit) => readEvents(db, { afterSeq, limit }),
      (error) => self?.errors.push(error),
    );
    const lanes: LaneDoor = {
      mayLease: () => self?.lanes.mayLease() ?? false,
      offer: (peer, entries) => self?.lanes.offer(peer, entries),
      giveBack: (peer, count) => self?.lanes.giveBack(peer, count),
      wake: (peer) => self?.lanes.wake(peer),
    };
    const log = new EventLog({
      writer: options.wrapWriter?.(writer) ?? writer,
      registry,
      segments,
      tail,
      lanes,
      observer: {
        committed: ({ events, drops }) => {
          self?.batches.push(events.length);
          self?.drops.push(...drops);
        },
        duplicates: async (duplicates) => {
          self?.duplicates.push(...duplicates);
          return [];
        },
      },
      hubNo: 1,
      leaseMs: 60_000,
      reconcile: async (after, upTo) => {
        const end = upTo ?? (await readHead(db)).seq;
        if (end > after) await tail.advanceTo(end);
        return end;
      },
      shared: options.shared ?? false,
      now: () => self?.now ?? Date.now(),
    });
    self = new LogHarness(database, db, registry, admin, segments, tail, log, writer, options.database === undefined);
    tail.subscribe((events) => self?.published.push(...events));
    return self;
  }

  sweep(limits: RetentionLimits): ReturnType<typeof sweep> {
    return sweep(this.db, this.segments, limits, this.now);
  }

  previewSweep(limits: RetentionLimits): ReturnType<typeof previewSweep> {
    return previewSweep(this.db, this.segments, limits, this.now);
  }

  async rows<T extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.db.pool.query<T>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.log.stop();
    await this.writer.close();
    await this.db.close();
    if (this.ownsDatabase) await this.database.drop();
  }
}

/** A candidate that differs from others by its id. */
export function candidate(change: Partial<Candidate> = {}): Candidate {
  const id = change.id ?? uuidv7();
  const source = change.source ?? "https://example.com/orders";
  const team = change.team ?? "team";
  return {
    id,
    source,
    team,
    type: "com.example.order",
    attrs: '"time":"2026-01-02T03:04:05Z","datacontenttype":"application/json"',
    data: '{"total":12.50}',
    dataBytes: 15,
    summary: null,
    headers: null,
    hook: "demo",
    via: null,
    copy: { origin: null, chain: "[]", hops: 0 },
    integrity: null,
    verified: false,
    agentTo: null,
    identity: eventIdentity(team, source, id),
    ...change,
  };
}
