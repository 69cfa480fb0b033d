/** Events looked for in the whole history: found, counted, and taken out. */
export { EventSearches, type FacetsProgress, type FacetValue, type SearchProgress } from "./event-searches.ts";
export { type PurgeCount, type PurgeProgress, type PurgeRequest, Purges } from "./purge.ts";
