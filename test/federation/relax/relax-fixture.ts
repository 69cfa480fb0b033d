import { type HopLimitDrop, Relaxer } from "../../../src/main/hub/federation/relax/index.ts";
import type { Candidate, HeldCopy, Peer } from "../../../src/main/hub/model.ts";
import { Database } from "../../../src/main/hub/store/database.ts";
import { type ClaimedEntry, claim, OUTBOX_SESSION } from "../../../src/main/hub/store/outbox.ts";
import { type SettleEvent, settle } from "../../../src/main/hub/store/outbox-settle.ts";
import { candidate, LogHarness } from "../../support/log-harness.ts";
import type { TestDatabase } from "../../support/postgres.ts";

/** A copy that came along these instances. */
export function copyVia(...chain: string[]): HeldCopy {
  return { origin: chain[0] ?? null, chain: JSON.stringify(chain), hops: chain.length };
}

/** A hub with its log, and what handles events that come a second time. */
export class RelaxFixture {
  readonly hopLimitDrops: HopLimitDrop[] = [];
  readonly relaxer: Relaxer;

  /** Connections as lanes have them. */
  readonly #lanes: Database;

  private constructor(readonly hub: LogHarness) {
    const config = { ...hub.database.connection, options: OUTBOX_SESSION };
    this.#lanes = new Database(config, 3, () => undefined);
    this.relaxer = new Relaxer({
      db: hub.db,
      registry: hub.registry,
      now: () => hub.now,
      onHopLimit: (drops) => this.hopLimitDrops.push(...drops),
    });
  }

  static async open(database: TestDatabase): Promise<RelaxFixture> {
    return new RelaxFixture(await LogHarness.open({ database, instanceId: "v" }));
  }

  async close(): Promise<void> {
    await this.#lanes.close();
    await this.hub.close();
  }

  peer(name: string, settings: { maxHops?: number; scopes?: string[] } = {}): Promise<Peer> {
    return this.hub.admin.createPeer("team", {
      name,
      hookUrl: `http://127.0.0.1:1/${name}`,
      outboundToken: `out-${name}`,
      inboundToken: `in-${name}`,
      instanceId: name,
      ...settings,
    });
  }

  /** The first arrival of an event. */
  async accept(id: string, copy: HeldCopy, change: Partial<Candidate> = {}): Promise<number> {
    return (await this.hub.log.accept(candidate({ id, copy, ...change }))).seq;
  }

  /** A further arrival, handled. @returns the peers to wake */
  async again(id: string, copy: HeldCopy, change: Partial<Candidate> = {}): Promise<readonly number[]> {
    this.hub.duplicates.length = 0;
    const result = await this.hub.log.accept(candidate({ id, copy, ...change }));
    if (result.status !== "duplicate") throw new Error(`${id} was not here before`);
    return this.relaxer.handle([...this.hub.duplicates]);
  }

  /** What a lane does: takes everything that is due for a peer under a lease. */
  async claim(peer: Peer): Promise<readonly ClaimedEntry[]> {
    const all: ClaimedEntry[] = [];
    for (let more = true; more; ) {
      const request = { peer: peer.no, hub: 1, now: this.hub.now, limit: 200, bytes: 1_000_000_000 };
      const { entries, ...claimed } = await claim(this.#lanes, request);
      all.push(...entries);
      more = claimed.more;
    }
    return all;
  }

  /** Ends the leases of what was claimed, sent with the copies that were read. */
  async settle(entries: readonly ClaimedEntry[], event: SettleEvent): Promise<void> {
    const held = entries.map(({ peer, seq, gen, owedHops, event: sent }) => {
      return { peer, seq, gen, hops: sent?.copy.hops ?? owedHops, availableAt: null };
    });
    await settle(
      this.#lanes,
      1,
      this.hub.now,
      [
        {
          event,
          entries: held,
          result: "accepted",
          cause: event === "fail" ? "http_400" : event === "abandon" ? "loop" : null,
          error: null,
          counted: true,
          attempts: [],
          waitReason: null,
          evidence: null,
        },
      ],
      [],
    );
  }

  /** Claims what is due for the peer and ends it like this. */
  async finish(peer: Peer, event: SettleEvent): Promise<void> {
    await this.settle(await this.claim(peer), event);
  }

  /** All entries, by peer and generation. */
  entries(): Promise<{ seq: number; peer: string; gen: number; state: string; hops: number; replay: boolean }[]> {
    return this.hub.rows(
      `SELECT e.seq::int, p.name AS peer, e.gen, e.state, e.hops, e.replay FROM (
         SELECT seq, peer, gen, state, hops, replay FROM outbox
         UNION ALL SELECT seq, peer, gen, state, hops, replay FROM outbox_done) e
       JOIN peers p ON p.no = e.peer ORDER BY e.seq, p.name, e.gen`,
    );
  }

  drops(): Promise<{ seq: number; peer: string; reason: string; evidence: string }[]> {
    return this.hub.rows(
      `SELECT d.seq::int, p.name AS peer, d.reason, d.evidence FROM drops d JOIN peers p ON p.no = d.peer
       ORDER BY d.seq, p.name`,
    );
  }

  held(): Promise<{ seq: number; origin: string | null; chain: string; hops: number; integrity: string | null }[]> {
    return this.hub.rows("SELECT seq::int, origin, chain, hops, integrity FROM events ORDER BY seq");
  }

  arrivals(): Promise<
    { seq: number; kind: string; via: number | null; hops: number; chain: string; data: string | null }[]
  > {
    return this.hub.rows("SELECT seq::int, kind, via, hops, chain, data FROM arrivals ORDER BY at, kind, hops");
  }

  counts(kind: string): Promise<{ peer: number; reason: string; n: number }[]> {
    return this.hub.rows(
      "SELECT peer, reason, sum(n)::int AS n FROM rollups WHERE kind = $1 GROUP BY peer, reason ORDER BY peer, reason",
      [kind],
    );
  }
}
