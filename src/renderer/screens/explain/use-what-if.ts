import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { AskedEvent } from "../../../shared/contract/index.ts";
import type { Change } from "../../../shared/debugger/index.ts";
import { useHub } from "../../data/hub.tsx";

/** How many of the newest events are compared. */
export const COMPARED = 1_000;

/** What changes would do to the event that is asked about, and to the newest of the log. */
export function useWhatIf(event: AskedEvent | null, changes: readonly Change[]) {
  const { query } = useHub();
  return useQuery({
    ...query.explain.whatIf.queryOptions({
      input: { changes: [...changes], event, last: COMPARED },
      placeholderData: keepPreviousData,
    }),
    enabled: changes.length > 0,
  });
}
export type WhatIfAnswer = ReturnType<typeof useWhatIf>;
