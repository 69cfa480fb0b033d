import type { Queryable } from "./database.ts";

/** First half of the two-part advisory locks by which hubs show that they live; the second is the hub's number. */
const HUB_LOCK = 77_001;

/**
 * Enters this process among the hubs of the database, and takes its lock on this connection. The server lets the lock
 * go when the connection ends, however it ends. The row shows only once the lock is held, so that nobody takes a hub
 * that is starting for a dead one.
 * @returns its number
 */
export async function registerHub(
  connection: Queryable,
  hub: { id: string; host: string; pid: number },
): Promise<number> {
  await connection.query({ text: "BEGIN" });
  const { rows } = await connection.query<{ no: number }>({
    text: "INSERT INTO hubs (id, host, pid) VALUES ($1, $2, $3) RETURNING no",
    values: [hub.id, hub.host, hub.pid],
  });
  const no = rows[0]?.no;
  if (no === undefined) throw new Error("the hub was not registered");
  await holdHubLock(connection, no);
  await connection.query({ text: "COMMIT" });
  return no;
}

/** Takes the lock of a hub again, on a new connection after the old one was lost. */
export async function holdHubLock(connection: Queryable, no: number): Promise<void> {
  await connection.query({ text: "SELECT pg_advisory_lock($1, $2)", values: [HUB_LOCK, no] });
}

/** Asks for a notification of every commit of events by any hub that shares the database; its payload is that hub's number and the seq. */
export async function listenForCommits(connection: Queryable): Promise<void> {
  await connection.query({ text: "LISTEN kite_log" });
}

/** Hubs whose lock nobody holds: they ended without saying so. `self` is never among them. */
export async function findDeadHubs(db: Queryable, self: number): Promise<number[]> {
  const { rows } = await db.query<{ no: number }>({
    text: `SELECT no FROM hubs WHERE no <> $2 AND NOT EXISTS (
             SELECT 1 FROM pg_locks l
             WHERE l.locktype = 'advisory' AND l.classid = $1 AND l.objid = hubs.no::oid AND l.objsubid = 2 AND l.granted
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
    values: [HUB_LOCK, self],
  });
  return rows.map((row) => row.no);
}

/** Strikes hubs off the list, once nothing is leased to them any more. */
export async function removeHubs(db: Queryable, numbers: readonly number[]): Promise<void> {
  await db.query({ text: "DELETE FROM hubs WHERE no = ANY($1::int[])", values: [numbers] });
}
