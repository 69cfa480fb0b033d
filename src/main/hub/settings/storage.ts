import { countOf } from "../../../shared/count-of.ts";
import type { Database } from "../store/database.ts";
import { readSegmentUse, readStorage, type TableUse } from "../store/storage.ts";

/** What the database holds and how much room it takes; see StorageView of the contract. */
export interface StorageView {
  readonly databaseBytes: number;
  readonly tables: TableUse[];
  readonly events: number;
  readonly oldestAt: number | null;
  readonly oldestSeq: number;
  readonly head: number;
  readonly segments: {
    readonly segment: number;
    readonly firstSeq: number;
    readonly lastSeq: number | null;
    readonly openedAt: number;
    readonly bytes: number;
    readonly held: string | null;
  }[];
}

/** Sizes as PostgreSQL counts them on disk, indexes and out-of-line values included. Rows of big tables are its estimate. */
export async function viewStorage(db: Database): Promise<StorageView> {
  const [storage, uses] = [await readStorage(db), await readSegmentUse(db)];
  return {
    ...storage,
    events: Math.max(storage.head - storage.oldestSeq + 1, 0),
    segments: uses.map(({ owed, sealed, ...use }) => ({ ...use, held: heldBy(owed, sealed) })),
  };
}

function heldBy(owed: number, sealed: boolean): string | null {
  if (owed > 0) return countOf(owed, "entry is still owed to a peer", "entries are still owed to peers");
  return sealed ? null : "events are being written to it";
}
