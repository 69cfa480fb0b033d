import { useEffect, useMemo, useSyncExternalStore } from "react";
import { addItem, type Filter, printFilter } from "../../../shared/filter/index.ts";
import { useHub } from "../hub.tsx";
import { StreamView } from "./stream-view.ts";

/** The live events that fit a filter. What needs the payload to be judged is asked of the database. */
export function useStreamView(filter: Filter): StreamView {
  const { feed, clock, client } = useHub();
  const view = useMemo(() => new StreamView(feed, clock.now), [feed, clock]);
  const version = useSyncExternalStore(view.subscribe, view.getVersion);
  useEffect(() => view.attach(), [view]);
  useEffect(() => view.setFilter(filter), [view, filter]);

  useEffect(() => {
    void version;
    const stretch = view.takeUndecided();
    if (stretch === null) return;
    const seqs = { op: "range", from: String(stretch.from), to: String(stretch.to) } as const;
    const term = { kind: "field", field: "seq", path: [], tests: [seqs] } as const;
    const text = printFilter(addItem(filter, { negated: false, term, span: null }));
    const ask = async (): Promise<void> => {
      let before: number | null = null;
      for (;;) {
        let full = false;
        for await (const found of await client.events.search({ filter: text, before, limit: 1_000 })) {
          view.confirm(found.rows.map(({ seq }) => seq));
          before = found.searchedTo;
          full = found.state === "full";
        }
        if (!full) return;
      }
    };
    // What cannot be asked now is asked with the next search of the history, which says by itself when it fails.
    ask().catch(() => {});
  }, [view, version, filter, client]);
  return view;
}
