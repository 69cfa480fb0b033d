import type { cursorsOf } from "../../hub/index.ts";

/** Cuts a list of up to `limit` + 1 items to a page of the contract. */
export function page<K, T, U>(
  cursors: ReturnType<typeof cursorsOf<K>>,
  found: readonly T[],
  limit: number,
  keyOf: (last: T) => K,
  show: (item: T) => U,
): { items: U[]; nextCursor: string | null } {
  const { items, next_cursor } = cursors.page(found, limit, keyOf, show);
  return { items, nextCursor: next_cursor };
}
