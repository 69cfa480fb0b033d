import type { TopologyEdge, TopologyView } from "../../../shared/contract/index.ts";
import { type FieldName, type Filter, include, printFilter, termFor } from "../../../shared/filter/index.ts";

const EVERYTHING: Filter = { items: [] };

/** The filter that shows in the Stream what an edge counts; with a reason, what that rule stopped. */
export function filterOfEdge(edge: TopologyEdge, view: TopologyView, reason: string | null = null): string {
  const peerOf = (key: string): string => view.nodes.find((node) => node.key === key)?.name ?? key;
  const idOf = (key: string): string => view.nodes.find((node) => node.key === key)?.instanceId ?? key;
  if (edge.kind === "push")
    return filterOf([
      ["peer", peerOf(edge.to)],
      ...(reason === null
        ? []
        : ([
            ["outcome", "dropped"],
            ["reason", reason],
          ] as const)),
    ]);
  if (edge.kind === "inbound" || edge.kind === "pull") return filterOf([["via", peerOf(edge.from)]]);
  return filterOf([["chain", idOf(edge.from)]]);
}

export function filterOf(terms: readonly (readonly [FieldName, string])[]): string {
  return printFilter(
    terms.reduce<Filter>((filter, [field, value]) => include(filter, termFor(field, value)), EVERYTHING),
  );
}
