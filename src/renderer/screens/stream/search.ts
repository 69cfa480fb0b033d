import { z } from "zod";
import { EventSearch } from "../event/search.ts";

/** What the address says of the Stream: the filter, and the event at the side. */
export const StreamSearch = EventSearch.extend({
  q: z.coerce.string().max(2_000).catch("").default(""),
  seq: z.coerce.number().int().positive().optional().catch(undefined),
});
