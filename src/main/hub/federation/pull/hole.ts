/** What a look at the peer's newest events says about the stretch after our cursor. */
export interface Hole {
  /** Seqs of listed events that the stream has passed over. */
  readonly missed: readonly number[];
  /** The stretch of which nobody can say whether something was in it; null when there is none. */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

const NONE: Hole = { missed: [], gap: null };

/**
 * Was something passed over when the stream went on? Seqs alone do not tell: those of other teams, and of events
 * outside the key's scopes, are missing in any stream.
 * @param cursor everything up to it is here
 * @param next the first seq that came on the new connection; null when none came
 * @param listed the seqs of the peer's newest events, ascending; the peer says how many that are
 */
export function findHole(cursor: number, next: number | null, listed: readonly number[]): Hole {
  const [oldest] = listed;
  if (oldest === undefined) return NONE;
  // It sent what is as old as anything it lists, or older: it does go on from our cursor.
  if (next !== null && next <= oldest) return NONE;
  const missed = listed.filter((seq) => seq > cursor && (next === null || seq < next));
  return { missed, gap: oldest > cursor + 1 ? { from: cursor + 1, to: oldest - 1 } : null };
}
