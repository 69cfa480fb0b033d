import { statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { PostgresConnection } from "./server.ts";

/** Of 16 MB each: a minute and a half of 1,000 events of 1 KB a second, and half of `min_wal_size`. */
const SEGMENTS = 16;
/** A disk with less room than `max_wal_size` keeps what it has. */
const SPARE_BYTES = 4 * 1024 ** 3;

export interface WalReserveOptions {
  /** Of a superuser. */
  readonly connection: PostgresConnection;
  /** On the disk of the server's files. */
  readonly dataDir: string;
  /** Gives up; what was made so far stays. */
  readonly signal: AbortSignal;
  /** How long nobody must have written; milliseconds. */
  readonly idleMs?: number;
  /** Segments in all that should stand ready. */
  readonly segments?: number;
}

/**
 * Makes segments of the write-ahead log before they are needed. A server has one at first; when it is full, nothing
 * commits until the next has been written with zeros (11 to 15 ms where this was measured, every 6 s at 1,000 events/s),
 * and only the first checkpoint, after minutes, begins to use old ones again. So we turn to new ones while nobody
 * writes, and let a checkpoint put them in front. Where there are enough, or the disk has little room, nothing is done.
 * @returns how many were made
 * @throws the error of the server, also when it ends meanwhile
 */
export async function reserveWal(options: WalReserveOptions): Promise<number> {
  const { connection, dataDir, signal, idleMs = 1_000, segments = SEGMENTS } = options;
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < SPARE_BYTES) return 0;
  const client = new pg.Client({ ...connection, application_name: "kite-desktop wal" });
  // Whatever breaks the connection fails the statement too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    let made = 0;
    let seen = "";
    for (;;) {
      const { count, end } = await look(client);
      if (signal.aborted || (made === 0 && count >= segments)) return made;
      if (end !== seen) {
        seen = end;
        // An end of the wait is seen above.
        await sleep(idleMs, undefined, { signal, ref: false }).catch(() => undefined);
      } else if (count < segments) {
        // A segment in which nothing was written is not left.
        await client.query("SELECT pg_logical_emit_message(false, 'kite-desktop', '')");
        await client.query("SELECT pg_switch_wal()");
        seen = (await look(client)).end;
        made++;
      } else {
        await client.query("CHECKPOINT");
        return made;
      }
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** How many segments there are, and where the log ends. */
async function look(client: pg.Client): Promise<{ count: number; end: string }> {
  const { rows } = await client.query<{ count: number; end: string }>(
    `SELECT (SELECT count(*)::int FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$') AS count,
            pg_current_wal_insert_lsn()::text AS "end"`,
  );
  return rows[0] ?? { count: 0, end: "" };
}
