import { z } from "zod";

/**
 * A time in a query or a body: ISO 8601 with its offset, from the year 1 to 9999 in UTC. What lies beyond is a valid text
 * too (9999-12-31T23:59:59-01:00), but no answer could name it, and a column might not hold it.
 */
export const Moment = z.iso
  .datetime({ offset: true, error: "must be a time such as 2026-04-14T10:00:00Z", abort: true })
  .refine((text) => {
    const year = new Date(text).getUTCFullYear();
    return year >= 1 && year <= 9_999;
  }, "must lie between the years 1 and 9999, in UTC");
