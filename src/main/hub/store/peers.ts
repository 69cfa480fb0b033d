import type { Queryable } from "./database.ts";

/** A peer as it is stored: tokens sealed. */
export interface PeerRow {
  readonly no: number;
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly status: "active" | "paused" | "revoked";
  readonly status_reason: string | null;
  readonly hook_url: string;
  readonly outbound_token: Buffer;
  readonly inbound_token: Buffer;
  readonly inbound_hash: Buffer;
  readonly scopes: string[];
  readonly max_hops: number;
  readonly max_bytes: number;
  readonly instance_id: string | null;
  readonly instance_id_from: "pairing" | "health" | "chain" | null;
  readonly batches: boolean;
  readonly ordered: boolean;
  readonly allow_private: boolean;
  readonly retry: Record<string, unknown>;
  readonly environment: "production" | "staging" | "other";
  readonly label: string | null;
  readonly colour: string | null;
  readonly receive_only: boolean;
  readonly newest_first: boolean;
  readonly masks: unknown;
  readonly previous_inbound_token: Buffer | null;
  readonly previous_inbound_until: Date | null;
  readonly stranger_id: string | null;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Columns that may be set; every one that is absent keeps its value. */
export type PeerChange = Partial<Omit<PeerRow, "no" | "id" | "team" | "revision" | "created_at" | "updated_at">>;

/** Changes that say nothing about routing, and so leave the revision of the settings alone. */
const WITHOUT_REVISION = new Set([
  "batches",
  "status_reason",
  "label",
  "colour",
  "environment",
  "newest_first",
  "previous_inbound_token",
  "previous_inbound_until",
  "stranger_id",
]);

/** All peers that are not deleted. */
export async function listPeers(db: Queryable): Promise<PeerRow[]> {
  const { rows } = await db.query<PeerRow>({ text: "SELECT * FROM peers WHERE deleted_at IS NULL ORDER BY no" });
  return rows;
}

/** A peer as it is now, and stays until the transaction ends. @returns null when there is none */
export async function lockPeer(tx: Queryable, id: string): Promise<PeerRow | null> {
  const { rows } = await tx.query<PeerRow>({
    text: "SELECT * FROM peers WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
    values: [id],
  });
  return rows[0] ?? null;
}

/** @throws 23505 when the team has a peer of that name */
export async function insertPeer(
  tx: Queryable,
  peer: Pick<
    PeerRow,
    "id" | "team" | "name" | "hook_url" | "outbound_token" | "inbound_token" | "inbound_hash" | "scopes" | "max_hops"
  > &
    PeerChange,
): Promise<PeerRow> {
  const columns = Object.entries(peer).filter(([, value]) => value !== undefined);
  const { rows } = await tx.query<PeerRow>({
    text: `INSERT INTO peers (${columns.map(([name]) => name).join(", ")})
           VALUES (${columns.map((_, index) => `$${index + 1}`).join(", ")}) RETURNING *`,
    values: columns.map(([, value]) => value),
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the peer was not inserted");
  return row;
}

/** @returns null when there is no such peer */
export async function updatePeer(tx: Queryable, id: string, change: PeerChange): Promise<PeerRow | null> {
  const columns = Object.entries(change).filter(([, value]) => value !== undefined);
  const revised = columns.some(([name]) => !WITHOUT_REVISION.has(name));
  const assignments = [
    ...columns.map(([name], index) => `${name} = $${index + 2}`),
    "updated_at = now()",
    ...(revised ? ["revision = revision + 1"] : []),
  ];
  const { rows } = await tx.query<PeerRow>({
    text: `UPDATE peers SET ${assignments.join(", ")} WHERE id = $1 AND deleted_at IS NULL RETURNING *`,
    values: [id, ...columns.map(([, value]) => value)],
  });
  return rows[0] ?? null;
}

/** Marks a peer as deleted: its number stays the name of its history. @returns its number, or null */
export async function deletePeer(tx: Queryable, id: string): Promise<number | null> {
  const { rows } = await tx.query<{ no: number }>({
    text: `UPDATE peers SET deleted_at = now(), status = 'revoked', outbound_token = '', inbound_token = '', inbound_hash = ''
           WHERE id = $1 AND deleted_at IS NULL RETURNING no`,
    values: [id],
  });
  return rows[0]?.no ?? null;
}

/** The names of all peers a team has or had. */
export async function namedPeers(db: Queryable, team: string): Promise<{ no: number; name: string }[]> {
  const { rows } = await db.query<{ no: number; name: string }>({
    text: "SELECT no, name FROM peers WHERE team = $1 ORDER BY no",
    values: [team],
  });
  return rows;
}
