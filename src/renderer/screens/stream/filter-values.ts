import type { PeerRef } from "../../../shared/contract/index.ts";
import type { FieldName } from "../../../shared/filter/index.ts";
import type { RingBuffer } from "../../data/stream/ring-buffer.ts";

const LOOKED_AT = 3_000;

/** Values that were seen lately, to complete a filter with; the commonest first. */
export function seenValues(buffer: RingBuffer, peers: readonly PeerRef[], field: FieldName): readonly string[] {
  if (field === "peer" || field === "via") return peers.map(({ name }) => name);
  const counts = new Map<string, number>();
  for (let at = buffer.next - 1; at >= Math.max(buffer.first, buffer.next - LOOKED_AT); at -= 1) {
    const item = buffer.at(at);
    if (item?.kind !== "row") continue;
    const { row } = item;
    const values: readonly (string | null)[] =
      field === "type" || field === "source" || field === "hook" || field === "origin"
        ? [row[field]]
        : field === "chain"
          ? row.chain
          : field === "agent"
            ? [row.agentTo]
            : [];
    for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}
