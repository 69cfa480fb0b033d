import { z } from "zod";
import { parseJson } from "../../../shared/parse-json.ts";
import { HubError } from "../errors.ts";

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 500;

/** The members of a query that every list has. */
export const pageQuery = {
  team_id: z.string().optional().describe("Must be the key's own team when it is given."),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(DEFAULT_PAGE)
    .describe("How many items a page has at most."),
  cursor: z.string().max(512).optional().describe("The `next_cursor` of the page before; absent for the first page."),
};

/** The query of a route that takes nothing else. */
export const TeamQuery = z.strictObject({ team_id: pageQuery.team_id });

/** One page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe("Where the next page begins; null when this is the last one."),
  });
}

/**
 * Cursors of one list: the key of the last item seen, which says where to go on however much was added meanwhile.
 * Opaque to callers, and checked like everything else that comes from outside.
 */
export interface Cursors<K> {
  /** @throws HubError `bad_request` when the text is no cursor of this list */
  read(text: string | undefined): K | null;
  write(key: K): string;
  /** Cuts a list of up to `limit` + 1 items to a page. */
  page<T, U>(found: readonly T[], limit: number, keyOf: (last: T) => K, show: (item: T) => U): Page<U>;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export function cursorsOf<K>(key: z.ZodType<K>): Cursors<K> {
  const write = (value: K): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    write,
    read(text) {
      if (text === undefined) return null;
      const parsed = key.safeParse(parseJson(Buffer.from(text, "base64url").toString("utf8")));
      if (parsed.success) return parsed.data;
      throw new HubError(
        "bad_request",
        "query.cursor: is not a cursor of this list. Pass the next_cursor of the page before, or leave it out to begin anew.",
      );
    },
    page(found, limit, keyOf, show) {
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const more = found.length > limit && last !== undefined;
      return { items: items.map(show), next_cursor: more ? write(keyOf(last)) : null };
    },
  };
}
