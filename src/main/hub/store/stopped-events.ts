import type { Queryable } from "./database.ts";

/** An event that routing did not forward because it had been there, or had come too far. */
export interface StoppedRecord {
  readonly seq: number;
  readonly id: string | null;
  readonly type: string | null;
  readonly at: Date;
  readonly reason: "loop" | "hop_limit";
  /** The text of a JSON object. */
  readonly evidence: string;
  /** The text of a JSON array; null when retention has taken the event. */
  readonly chain: string | null;
  readonly peerName: string;
  readonly peerInstanceId: string | null;
}

/** A team's events that were stopped by loop or hop limit since a time: of each peer and reason the latest `limit`. */
export async function stoppedEvents(db: Queryable, team: string, since: Date, limit: number): Promise<StoppedRecord[]> {
  const { rows } = await db.query<{
    seq: string;
    id: string | null;
    type: string | null;
    at: Date;
    reason: "loop" | "hop_limit";
    evidence: string;
    chain: string | null;
    name: string;
    instance_id: string | null;
  }>({
    // Each peer and reason is a range of the index drops_peer_reason.
    text: `SELECT d.seq, e.id, e.type, d.at, d.reason, d.evidence, e.chain, p.name, p.instance_id
           FROM peers p CROSS JOIN unnest('{loop,hop_limit}'::text[]) r (reason) CROSS JOIN LATERAL (
             SELECT seq, segment, at, reason, evidence FROM drops
             WHERE peer = p.no AND drops.reason = r.reason ORDER BY seq DESC LIMIT $3) d
           LEFT JOIN events e ON e.seq = d.seq AND e.segment = d.segment
           WHERE p.team = $1 AND d.at >= $2`,
    values: [team, since, limit],
  });
  return rows.map((row) => ({
    seq: Number(row.seq),
    id: row.id,
    type: row.type,
    at: row.at,
    reason: row.reason,
    evidence: row.evidence,
    chain: row.chain,
    peerName: row.name,
    peerInstanceId: row.instance_id,
  }));
}
