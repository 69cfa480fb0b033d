import { useCallback, useEffect, useRef, useState } from "react";
import { useHub } from "../hub.tsx";
import type { Item } from "./ring-buffer.ts";

export interface History {
  readonly items: readonly Item[];
  readonly state: "idle" | "searching" | "full" | "done" | "failed";
  readonly scanned: number;
  /** Down to which seq it has looked, and the oldest there is. */
  readonly searchedTo: number;
  readonly oldest: number;
  readonly error: unknown;
  /** Begins below this seq, or goes on where it stopped. */
  readonly search: (before: number) => void;
  readonly cancel: () => void;
}

const NOTHING = { items: [], state: "idle", scanned: 0, searchedTo: 0, oldest: 0, error: null } as const;
type State = Omit<History, "search" | "cancel">;

/** Events that are older than what the buffer holds, found in the database. Another filter begins anew. */
export function useHistory(filter: string): History {
  const { client } = useHub();
  const [state, setState] = useState<State>(NOTHING);
  const running = useRef<AbortController | null>(null);

  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState((now) => (now.state === "searching" ? { ...now, state: "full" } : now));
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter or hub empties what was found
  useEffect(() => {
    setState(NOTHING);
    return () => running.current?.abort();
  }, [filter, client]);

  const search = useCallback(
    (before: number) => {
      const end = new AbortController();
      running.current?.abort();
      running.current = end;
      setState((now) => ({ ...now, state: "searching", error: null }));
      const run = async (): Promise<void> => {
        const messages = await client.events.search({ filter, before, limit: 500 }, { signal: end.signal });
        for await (const { rows, searchedTo, oldest, scanned, state: said } of messages) {
          if (end.signal.aborted) return;
          const items = rows.map((row): Item => ({ kind: "row", row }));
          setState((now) => ({ ...now, items: [...now.items, ...items], state: said, searchedTo, oldest, scanned }));
        }
      };
      run().catch((error: unknown) => {
        if (!end.signal.aborted) setState((now) => ({ ...now, state: "failed", error }));
      });
    },
    [client, filter],
  );
  return { ...state, search, cancel };
}
