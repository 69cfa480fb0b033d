import type { PeerRef } from "../../../shared/contract/index.ts";
import { exclude, type FieldName, type Filter, include, printFilter, termFor } from "../../../shared/filter/index.ts";
import type { Item } from "../../data/stream/ring-buffer.ts";
import { copyText } from "../../ui/copy.tsx";
import type { MenuEntry } from "../../ui/menu.tsx";
import { nameOfPeer } from "../../ui/outcome.tsx";

interface Value {
  readonly field: FieldName;
  readonly value: string;
}

/** The values that a right click in a column means. */
function valuesAt(item: Item, column: string, peers: readonly PeerRef[]): readonly Value[] {
  if (item.kind === "gap") return [{ field: "seq", value: `${item.gap.from}..${item.gap.to}` }];
  const { row } = item;
  switch (column) {
    case "seq":
      return [{ field: "seq", value: String(row.seq) }];
    case "type":
      return [{ field: "type", value: row.type }];
    case "source":
      return [
        { field: "source", value: row.source },
        ...(row.hook === null ? [] : [{ field: "hook", value: row.hook } as const]),
      ];
    case "summary":
      return row.summary === null ? [] : [{ field: "summary", value: row.summary }];
    case "hops":
      return [
        { field: "hops", value: String(row.hops) },
        ...(row.origin === null ? [] : [{ field: "origin", value: row.origin } as const]),
        ...(row.via === null ? [] : [{ field: "via", value: nameOfPeer(peers, row.via) } as const]),
      ];
    case "outcome":
      return row.outcomes.flatMap(({ peer, state, reason }) => [
        { field: "peer", value: nameOfPeer(peers, peer) } as const,
        { field: "outcome", value: state } as const,
        ...(reason === null ? [] : [{ field: "reason", value: reason } as const]),
      ]);
    default:
      return [];
  }
}

/** Include, exclude and copy for each value under the pointer, and what can be done with the event. */
export function rowMenu(
  item: Item,
  column: string,
  peers: readonly PeerRef[],
  filter: Filter,
  act: { readonly setFilter: (text: string) => void; readonly open: (seq: number) => void },
): MenuEntry[] {
  const values = new Map(valuesAt(item, column, peers).map((each) => [`${each.field}:${each.value}`, each]));
  const entries = [...values.values()].flatMap(({ field, value }): MenuEntry[] => {
    const term = item.kind === "gap" ? rangeTerm(item.gap.from, item.gap.to) : termFor(field, value);
    return [
      { kind: "label", label: `${field}: ${value}` },
      { label: "Show only these", onSelect: () => act.setFilter(printFilter(include(filter, term))) },
      { label: "Exclude these", onSelect: () => act.setFilter(printFilter(exclude(filter, term))) },
      { label: "Copy value", onSelect: () => void copyText(value, "the value") },
    ];
  });
  if (item.kind === "gap") return entries;
  const { seq, id } = item.row;
  return [
    ...entries,
    ...(entries.length === 0 ? [] : [{ kind: "line" } as const]),
    { label: "Open event", keys: "Enter", onSelect: () => act.open(seq) },
    { label: "Copy id", onSelect: () => void copyText(id, "the id") },
  ];
}

const rangeTerm = (from: number, to: number) =>
  ({ kind: "field", field: "seq", path: [], tests: [{ op: "range", from: String(from), to: String(to) }] }) as const;
