import type { EntryView } from "../../../shared/contract/index.ts";
import { entryId, type Ledger } from "../../hub/index.ts";

export type EntryRecord = NonNullable<Awaited<ReturnType<Ledger["entry"]>>>;

export function entryView(entry: EntryRecord): EntryView {
  return {
    id: entryId(entry),
    seq: entry.seq,
    gen: entry.gen,
    peer: { no: entry.peer, id: entry.peerId, name: entry.peerName },
    event: entry.event,
    state: entry.state,
    hops: entry.hops,
    tries: entry.tries,
    replay: entry.replay,
    createdAt: entry.createdAt.getTime(),
    nextTryAt: entry.state === "pending" ? (entry.availableAt?.getTime() ?? null) : null,
    waitReason: entry.waitReason,
    finishedAt: entry.finishedAt?.getTime() ?? null,
    result: entry.result,
    cause: entry.cause,
    lastError: entry.lastError,
  };
}
