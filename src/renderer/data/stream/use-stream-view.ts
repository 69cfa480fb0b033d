import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { addItem, type Filter, printFilter } from "../../../shared/filter/index.ts";
import { useHub } from "../hub.tsx";
import { StreamView } from "./stream-view.ts";

export interface LiveEvents {
  readonly view: StreamView;
  /** How many questions about payloads are with the database. */
  readonly asking: number;
  /** Why the database could not say which events fit; null when it could. */
  readonly error: unknown;
  readonly askAgain: () => void;
}

/** The live events that fit a filter. What needs the payload to be judged is asked of the database. */
export function useStreamView(filter: Filter): LiveEvents {
  const { feed, clock, client } = useHub();
  const view = useMemo(() => new StreamView(feed, clock.now), [feed, clock]);
  const version = useSyncExternalStore(view.subscribe, view.getVersion);
  const [asking, setAsking] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const askAgain = useCallback(() => view.setFilter(filter), [view, filter]);
  useEffect(() => view.attach(), [view]);
  const search = useRef(new AbortController());
  useEffect(() => {
    search.current = new AbortController();
    setError(null);
    view.setFilter(filter);
    // What is found for one filter means nothing to the next.
    return () => search.current.abort();
  }, [view, filter]);

  useEffect(() => {
    void version;
    // One question at a time: what comes meanwhile goes with the next.
    const stretch = asking > 0 ? null : view.takeUndecided();
    if (stretch === null) return;
    const seqs = { op: "range", from: String(stretch.from), to: String(stretch.to) } as const;
    const term = { kind: "field", field: "seq", path: [], tests: [seqs] } as const;
    const text = printFilter(addItem(filter, { negated: false, term, span: null }));
    const { signal } = search.current;
    const ask = async (): Promise<void> => {
      let before: number | null = null;
      let full = true;
      while (full) {
        full = false;
        for await (const found of await client.events.search({ filter: text, before, limit: 1_000 }, { signal })) {
          if (signal.aborted) return;
          view.confirm(found.rows.map(({ seq }) => seq));
          before = found.searchedTo;
          full = found.state === "full";
        }
      }
    };
    setAsking((now) => now + 1);
    ask()
      .then(
        () => setError(null),
        (problem: unknown) => {
          if (!signal.aborted) setError(problem);
        },
      )
      .finally(() => setAsking((now) => now - 1));
  }, [view, version, asking, filter, client]);
  return { view, asking, error, askAgain };
}
