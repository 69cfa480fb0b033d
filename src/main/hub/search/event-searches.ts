import { type Filter, type FilterContext, parseFilter } from "../../../shared/filter/index.ts";
import { HubError } from "../errors.ts";
import { type EventRow, eventRows } from "../event-row.ts";
import { type Database, toHubError } from "../store/database.ts";
import { type SearchRequest, searchLog } from "../store/event-search.ts";
import { countFacets, type Facet } from "../store/facet-counts.ts";
import { namedPeers } from "../store/peers.ts";

/** A message of a search; see SearchMessage of the contract. */
export interface SearchProgress {
  readonly rows: EventRow[];
  readonly searchedTo: number;
  readonly oldest: number;
  readonly scanned: number;
  readonly state: "searching" | "done" | "full";
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/** A message of a count of facets; see FacetsMessage of the contract. */
export interface FacetsProgress {
  readonly fields: Partial<Record<Facet, FacetValue[]>>;
  readonly matched: number;
  readonly scanned: number;
  readonly searchedTo: number;
  readonly state: "searching" | "done";
}

/** Values of a field that are told; the rest of them is in `matched` alone. */
const MOST_VALUES = 50;

/** Searches a team's events in the database. Whatever it yields is bounded, and ends when the signal aborts. */
export class EventSearches {
  constructor(
    private readonly db: Database,
    private readonly now: () => number,
  ) {}

  /**
   * Finds the events that match, newest first, and tells after each stretch of the log how far it has come.
   * @throws HubError `bad_request` for a filter that cannot be read, `unavailable`; the reason of the signal
   */
  async *search(
    team: string,
    query: { readonly filter: string; readonly before: number | null; readonly limit: number },
    signal?: AbortSignal,
  ): AsyncGenerator<SearchProgress, void, void> {
    try {
      const request = await this.request(team, query.filter, query.before, signal);
      let left = query.limit;
      for await (const { found, searchedTo, oldest, scanned } of searchLog(this.db, request, () => left)) {
        left -= found.length;
        const state = left <= 0 ? "full" : searchedTo <= oldest ? "done" : "searching";
        yield { rows: await eventRows(this.db, found), searchedTo, oldest, scanned, state };
        if (state !== "searching") return;
      }
    } catch (error) {
      throw toHubError(error);
    }
  }

  /** Counts the values of some fields over everything that matches. Every message holds all counts so far. @throws as `search` */
  async *facets(
    team: string,
    query: { readonly filter: string; readonly fields: readonly Facet[] },
    signal?: AbortSignal,
  ): AsyncGenerator<FacetsProgress, void, void> {
    try {
      const request = await this.request(team, query.filter, null, signal);
      const names = new Map(request.context.peers.map(({ no, name }) => [String(no), name]));
      const fields = [...new Set(query.fields)];
      const counts = new Map(fields.map((field) => [field, new Map<string, number>()]));
      let matched = 0;
      for await (const { found, searchedTo, oldest, scanned } of countFacets(this.db, request, fields)) {
        matched += found.matched;
        for (const { field, value, count } of found.values) {
          const of = counts.get(field);
          const name = field === "via" ? (names.get(value) ?? value) : value;
          of?.set(name, (of.get(name) ?? 0) + count);
        }
        const state = searchedTo <= oldest ? "done" : "searching";
        yield { fields: topOf(counts), matched, scanned, searchedTo, state };
      }
    } catch (error) {
      throw toHubError(error);
    }
  }

  /** What a filter's text means now, for this team. @throws HubError `bad_request` */
  async request(team: string, text: string, before: number | null, signal?: AbortSignal): Promise<SearchRequest> {
    const context: FilterContext = { peers: await namedPeers(this.db, team), now: this.now() };
    return { team, filter: readFilter(text), context, before, ...(signal === undefined ? {} : { signal }) };
  }
}

function readFilter(text: string): Filter {
  const result = parseFilter(text);
  if (result.ok) return result.filter;
  const [first] = result.errors;
  throw new HubError("bad_request", `The filter cannot be read: ${first?.message}. ${first?.mend}`);
}

function topOf(counts: ReadonlyMap<Facet, ReadonlyMap<string, number>>): FacetsProgress["fields"] {
  const fields: FacetsProgress["fields"] = {};
  for (const [field, of] of counts)
    fields[field] = [...of]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_VALUES);
  return fields;
}
