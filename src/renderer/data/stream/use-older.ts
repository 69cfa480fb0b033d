import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { EventRow } from "../../../shared/contract/index.ts";
import { useHub } from "../hub.tsx";
import { LogPages } from "./log-pages.ts";
import type { Item } from "./ring-buffer.ts";
import { type History, useHistory } from "./use-history.ts";

/** A browser's pages end at some 33 million pixels, which is where a list has to end too. */
const MOST_ROWS = 1_150_000;

/** What stands below the live events: the whole log without a filter, and with one what was found in the database. */
export interface Older {
  readonly count: number;
  /** Above 1: the list is as long as lists can be, and this is the oldest seq in it. */
  readonly endsAt: number;
  readonly error: unknown;
  readonly history: History;
  /** The item at a place from the top of these; undefined when it is not here, or not yet. */
  readonly at: (place: number) => Item | undefined;
  /** The seq of that place, also when its item is not here yet; undefined when that cannot be known. */
  readonly seqAt: (place: number) => number | undefined;
  /** Where an event is; null when it is not among these. */
  readonly placeOf: (seq: number) => number | null;
  /** Which places are in sight, both included. */
  readonly show: (from: number, to: number) => void;
}

/** @param before the oldest seq of the live events; @param live how many rows stand above */
export function useOlder(filter: string, before: number, live: number): Older {
  const { client, feed } = useHub();
  const history = useHistory(filter);
  const pages = useMemo(
    () =>
      new LogPages(async (below, limit) => {
        const rows: EventRow[] = [];
        for await (const found of await client.events.search({ filter: "", before: below, limit }))
          rows.push(...found.rows);
        return rows;
      }),
    [client],
  );
  useSyncExternalStore(pages.subscribe, pages.getVersion);

  const whole = filter === "";
  const length = feed.buffer.size === 0 ? 0 : Math.max(0, before - Math.max(1, feed.oldest));
  const count = whole ? Math.min(length, MOST_ROWS - live) : history.items.length;
  const show = useCallback(
    (from: number, to: number) => {
      if (whole && to >= 0) pages.show(Math.max(1, before - 1 - to), before - 1 - Math.max(0, from));
    },
    [whole, pages, before],
  );
  return {
    count,
    endsAt: whole && count < length ? before - count : 1,
    error: whole ? pages.error : null,
    history,
    at: (place) => (whole ? pages.at(before - 1 - place) : history.items[place]),
    seqAt: (place) => {
      const item = history.items[place];
      return whole ? before - 1 - place : item?.kind === "row" ? item.row.seq : undefined;
    },
    placeOf: (seq) => {
      if (whole) return seq < before && seq >= before - count ? before - 1 - seq : null;
      const found = history.items.findIndex((item) => item.kind === "row" && item.row.seq === seq);
      return found < 0 ? null : found;
    },
    show,
  };
}
