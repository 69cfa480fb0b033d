import type { PairingOffer, PairingState } from "../../../shared/links/index.ts";
import type { Queryable } from "./database.ts";

/** A pairing under way or ended, as it is stored. */
export interface PairingRow {
  readonly id: string;
  readonly team: string;
  readonly role: "maker" | "opener";
  readonly state: PairingState;
  readonly offer: PairingOffer;
  /** What the other side says of itself; the caller checks its shape. */
  readonly other: unknown;
  readonly words: string | null;
  /** The number of the peer it led to. */
  readonly peer: number | null;
  readonly secrets: Buffer | null;
  /** What went wrong in the test after it was done. */
  readonly problem: string | null;
  readonly expires_at: Date;
  readonly created_at: Date;
}

export type PairingChange = Partial<
  Pick<PairingRow, "state" | "other" | "words" | "peer" | "secrets" | "problem" | "expires_at">
>;

/** @returns false when there is one with this id already */
export async function insertPairing(
  db: Queryable,
  row: Pick<PairingRow, "id" | "team" | "role" | "state" | "offer" | "secrets" | "expires_at">,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `INSERT INTO pairings (id, team, role, state, offer, secrets, expires_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT DO NOTHING`,
    values: [row.id, row.team, row.role, row.state, JSON.stringify(row.offer), row.secrets, row.expires_at],
  });
  return rowCount === 1;
}

export async function readPairing(db: Queryable, id: string): Promise<PairingRow | null> {
  const { rows } = await db.query<PairingRow>({ text: "SELECT * FROM pairings WHERE id = $1", values: [id] });
  return rows[0] ?? null;
}

/** A team's pairings, newest first. */
export async function listPairings(db: Queryable, team: string, limit: number): Promise<PairingRow[]> {
  const { rows } = await db.query<PairingRow>({
    text: "SELECT * FROM pairings WHERE team = $1 ORDER BY created_at DESC, id LIMIT $2",
    values: [team, limit],
  });
  return rows;
}

/** Pairings that this side opened and confirmed, or compares: their other side is asked how it stands. */
export async function listOpened(db: Queryable): Promise<PairingRow[]> {
  const { rows } = await db.query<PairingRow>({
    text: "SELECT * FROM pairings WHERE role = 'opener' AND state IN ('comparing', 'confirmed_here')",
  });
  return rows;
}

/**
 * Moves a pairing on, if it is still in one of these states.
 * @returns the pairing as it is now; null when it was not in any of them
 */
export async function movePairing(
  db: Queryable,
  id: string,
  from: readonly PairingState[],
  change: PairingChange,
): Promise<PairingRow | null> {
  const columns = Object.entries(change).filter(([, value]) => value !== undefined);
  const set = [...columns.map(([name], index) => `${name} = $${index + 3}`), "updated_at = now()"].join(", ");
  const { rows } = await db.query<PairingRow>({
    text: `UPDATE pairings SET ${set} WHERE id = $1 AND state = ANY ($2::text[]) RETURNING *`,
    values: [id, from, ...columns.map(([name, value]) => (name === "other" ? JSON.stringify(value) : value))],
  });
  return rows[0] ?? null;
}

/** Ends what nobody confirmed in time, and forgets the secrets of what has ended. @returns how many ended now */
export async function expirePairings(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query({
    text: `UPDATE pairings SET state = 'expired', secrets = NULL, updated_at = now()
           WHERE expires_at < $1 AND (state IN ('offered', 'comparing', 'confirmed_there')
                                      OR state = 'confirmed_here' AND role = 'maker')`,
    values: [now],
  });
  await db.query({
    text: `UPDATE pairings SET secrets = NULL
           WHERE secrets IS NOT NULL AND state IN ('done', 'refused') AND updated_at < $1::timestamptz - interval '1 day'`,
    values: [now],
  });
  return rowCount ?? 0;
}
