import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useHub } from "../data/hub.tsx";

const PACE_MS = 3_000;
/** Hubs that are far away tell of their links without any event: so often the map is asked for again. */
export const MAP_PACE_MS = 15_000;

/** Asks again for these queries while events come and are delivered, at most every three seconds. */
export function useFreshWithTraffic(keys: readonly (readonly unknown[])[]): void {
  const { feed } = useHub();
  const queries = useQueryClient();
  const wanted = JSON.stringify(keys);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const end = feed.onChange(() => {
      timer ??= setTimeout(() => {
        timer = null;
        for (const queryKey of JSON.parse(wanted) as unknown[][]) void queries.invalidateQueries({ queryKey });
      }, PACE_MS);
    });
    return () => {
      end();
      if (timer !== null) clearTimeout(timer);
    };
  }, [feed, queries, wanted]);
}
