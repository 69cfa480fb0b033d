import { z } from "zod";
import { defineCall } from "../processes/calls.ts";

/**
 * Inserts the rows of events for a while, without any hub. The marks `begin` and `end` enclose the measured part.
 */
export const INSERT = defineCall(
  "insert",
  z.object({
    connection: z.object({
      host: z.string(),
      port: z.int(),
      user: z.string(),
      password: z.string(),
      database: z.string(),
    }),
    /** Rows of a statement, which is a transaction of its own. */
    batch: z.int().min(1),
    connections: z.int().min(1),
    warmupMs: z.number(),
    ms: z.number(),
  }),
  z.object({
    /** Rows that were committed in the measured part. */
    rows: z.int(),
    seconds: z.number(),
  }),
);
