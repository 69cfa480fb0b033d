export { EventSearches, type FacetsProgress, type FacetValue, type SearchProgress } from "./event-searches.ts";
