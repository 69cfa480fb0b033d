import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { z } from "zod";
import type { EntryFilter } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { EntryPages } from "./entry-pages.ts";

/**
 * The entries that fit a filter, read as they are scrolled to, and asked again where they are looked at.
 * @param changed another value whenever the hub said that entries changed
 */
export function useEntries({ peerId, state, cause }: z.infer<typeof EntryFilter>, changed: number): EntryPages {
  const { client } = useHub();
  const pages = useMemo(
    () => new EntryPages((cursor, limit) => client.outbox.list({ peerId, state, cause, cursor, limit })),
    [client, peerId, state, cause],
  );
  useEffect(() => {
    pages.begin();
    return () => pages.end();
  }, [pages]);
  useEffect(() => {
    void changed;
    pages.refresh();
  }, [pages, changed]);
  useSyncExternalStore(pages.subscribe, pages.getVersion);
  return pages;
}
