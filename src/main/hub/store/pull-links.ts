import { uuidv7 } from "uuidv7";
import type { Queryable } from "./database.ts";

/** A pull link as it is stored: its key sealed. */
export interface PullLinkRow {
  readonly peer: number;
  readonly id: string;
  /** ws:// or wss://, with the path. */
  readonly stream_url: string;
  readonly remote_team: string;
  readonly api_key: Buffer;
  readonly client_id: string;
  /** Globs on the event type: what is let in. */
  readonly scopes: string[];
  readonly max_hops: number;
  readonly max_bytes: number;
  readonly status: "active" | "paused";
  readonly status_reason: string | null;
  /** The peer's seq up to which everything is committed here; null before the first connection. */
  readonly cursor: string | null;
  /** The newest seq that the peer has told of. */
  readonly remote_seq: string | null;
  readonly leased_by: number | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Columns of a link that may be set; absent ones keep their value. */
export type PullLinkChange = Partial<
  Pick<
    PullLinkRow,
    "stream_url" | "remote_team" | "api_key" | "scopes" | "max_hops" | "max_bytes" | "status" | "status_reason"
  >
>;

/** The links of all peers that are not deleted. */
export async function listPullLinks(db: Queryable): Promise<PullLinkRow[]> {
  const { rows } = await db.query<PullLinkRow>({
    text: `SELECT l.* FROM pull_links l JOIN peers p ON p.no = l.peer WHERE p.deleted_at IS NULL ORDER BY l.peer`,
  });
  return rows;
}

/** Makes a peer's link, or changes the one it has; a cursor it has stays. */
export async function putPullLink(
  db: Queryable,
  peer: number,
  link: Pick<PullLinkRow, "stream_url" | "remote_team" | "api_key" | "client_id"> &
    PullLinkChange & { readonly cursor: number | null },
): Promise<void> {
  await db.query({
    text: `INSERT INTO pull_links AS l (peer, id, stream_url, remote_team, api_key, client_id, scopes, max_hops, max_bytes,
                                        cursor, remote_seq)
           VALUES ($1, $2, $3, $4, $5, $6, COALESCE($7::text[], '{*}'), COALESCE($8::int, 3), COALESCE($9::int, 262144),
                   $10::bigint, $10::bigint)
           ON CONFLICT (peer) DO UPDATE SET
             stream_url = excluded.stream_url, remote_team = excluded.remote_team, api_key = excluded.api_key,
             scopes = COALESCE($7::text[], l.scopes), max_hops = COALESCE($8::int, l.max_hops),
             max_bytes = COALESCE($9::int, l.max_bytes), cursor = COALESCE(l.cursor, excluded.cursor),
             status = 'active', status_reason = NULL, updated_at = now()`,
    values: [
      peer,
      uuidv7(),
      link.stream_url,
      link.remote_team,
      link.api_key,
      link.client_id,
      link.scopes ?? null,
      link.max_hops ?? null,
      link.max_bytes ?? null,
      link.cursor,
    ],
  });
}

/** @returns false when the peer has no link */
export async function updatePullLink(db: Queryable, peer: number, change: PullLinkChange): Promise<boolean> {
  const columns = Object.entries(change).filter(([, value]) => value !== undefined);
  const set = [...columns.map(([name], index) => `${name} = $${index + 2}`), "updated_at = now()"].join(", ");
  const { rowCount } = await db.query({
    text: `UPDATE pull_links SET ${set} WHERE peer = $1`,
    values: [peer, ...columns.map(([, value]) => value)],
  });
  return rowCount === 1;
}

/** @returns false when the peer has no link */
export async function deletePullLink(db: Queryable, peer: number): Promise<boolean> {
  const { rowCount } = await db.query({ text: "DELETE FROM pull_links WHERE peer = $1", values: [peer] });
  return rowCount === 1;
}

/**
 * Takes or renews the leases of links that nobody else holds.
 * @param peers the links this hub wants to read
 * @param dead hubs that live no more: what they held is free at once
 * @returns the peers whose links this hub holds for `leaseMs` from now on
 */
export async function leasePullLinks(
  db: Queryable,
  peers: readonly number[],
  { hub, dead, leaseMs }: { readonly hub: number; readonly dead: readonly number[]; readonly leaseMs: number },
): Promise<number[]> {
  const { rows } = await db.query<{ peer: number }>({
    name: "lease-pull-links",
    text: `UPDATE pull_links SET leased_by = $2::int, leased_until = now() + make_interval(secs => $4::float8)
           WHERE peer = ANY ($1::int[])
             AND (leased_by IS NULL OR leased_by = $2::int OR leased_by = ANY ($3::int[]) OR leased_until < now())
           RETURNING peer`,
    values: [peers, hub, dead, leaseMs / 1000],
  });
  return rows.map(({ peer }) => peer);
}

/** Gives leases back, so that another hub goes on at once. */
export async function releasePullLinks(db: Queryable, hub: number): Promise<void> {
  await db.query({
    text: "UPDATE pull_links SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1",
    values: [hub],
  });
}

/**
 * Moves a link's cursor, in the hands of the hub that holds its lease.
 * @param back true when the peer's log is another one, and the cursor means nothing there
 * @returns false when the lease was lost
 */
export async function savePullCursor(
  db: Queryable,
  at: { readonly peer: number; readonly hub: number; readonly cursor: number; readonly remoteSeq: number },
  back = false,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "save-pull-cursor",
    text: `UPDATE pull_links SET cursor = CASE WHEN $5 THEN $3::bigint ELSE GREATEST(cursor, $3::bigint) END,
                                 remote_seq = $4::bigint
           WHERE peer = $1 AND leased_by = $2`,
    values: [at.peer, at.hub, at.cursor, at.remoteSeq, back],
  });
  return rowCount === 1;
}

/** Why a stretch of the peer's log may be missing here. */
export type GapReason = "cursor_expired" | "not_resumed" | "log_replaced";

/** A stretch of the peer's log of which nobody can say that it is here. */
export interface PullGapRow {
  readonly id: string;
  readonly peer: number;
  readonly at: Date;
  readonly fromSeq: number;
  /** Null when it is not known how far the hole goes. */
  readonly toSeq: number | null;
  readonly reason: GapReason;
}

export async function insertPullGap(db: Queryable, gap: Omit<PullGapRow, "id">): Promise<void> {
  await db.query({
    text: "INSERT INTO pull_gaps (id, peer, at, from_seq, to_seq, reason) VALUES ($1, $2, $3, $4, $5, $6)",
    values: [uuidv7(), gap.peer, gap.at, gap.fromSeq, gap.toSeq, gap.reason],
  });
}

/** The newest gaps of a link, newest first. */
export async function listPullGaps(db: Queryable, peer: number, limit: number): Promise<PullGapRow[]> {
  const { rows } = await db.query<{
    id: string;
    peer: number;
    at: Date;
    from_seq: string;
    to_seq: string | null;
    reason: GapReason;
  }>({ text: "SELECT * FROM pull_gaps WHERE peer = $1 ORDER BY id DESC LIMIT $2", values: [peer, limit] });
  return rows.map(({ id, peer: no, at, from_seq, to_seq, reason }) => ({
    id,
    peer: no,
    at,
    fromSeq: Number(from_seq),
    toSeq: to_seq === null ? null : Number(to_seq),
    reason,
  }));
}
