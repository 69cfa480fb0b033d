import { compileFilter, type FilterPayload, type FilterRow } from "../../../shared/filter/index.ts";
import type { Queryable } from "../store/database.ts";
import type { SearchRequest } from "../store/event-search.ts";
import { pageRefusedBodies, type RefusedBody } from "../store/refused-bodies.ts";

/** Bodies looked at together; each has at most 64 KiB. */
const PAGE = 100;

/**
 * The refused requests that a filter for events fits as well and whose body is kept, page by page: it is asked of each
 * as of the event that it did not become. Of a body that was cut only the beginning is looked at.
 * @param before only what was refused before this time
 */
export async function* refusedBodies(
  db: Queryable,
  { team, filter, context, signal }: SearchRequest,
  before: Date | null,
): AsyncGenerator<string[], void, void> {
  const fits = compileFilter(filter, context);
  for (let below: string | null = null; ; ) {
    signal?.throwIfAborted();
    const page: RefusedBody[] = await pageRefusedBodies(db, team, { below, before, limit: PAGE });
    const fitting = page.filter((refused) => fits(rowOf(refused), payloadOf(refused)) === "yes").map(({ id }) => id);
    if (fitting.length > 0) yield fitting;
    below = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return;
  }
}

function rowOf(refused: RefusedBody): FilterRow {
  return {
    seq: 0,
    at: refused.at.getTime(),
    id: refused.eventId ?? "",
    source: refused.eventSource ?? "",
    type: refused.eventType ?? "",
    summary: null,
    hook: refused.hook,
    via: refused.peer,
    origin: null,
    chain: [],
    hops: 0,
    verified: false,
    integrity: [],
    agentTo: null,
    replayOf: null,
    dataBytes: refused.bodyBytes ?? refused.body.length,
    outcomes: [],
  };
}

function payloadOf({ body, headers }: RefusedBody): FilterPayload {
  return { data: body.toString("utf8"), headers };
}
