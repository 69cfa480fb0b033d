import { z } from "zod";
import { defineCall } from "../processes/calls.ts";

const Connection = z.object({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
});

/** Starts the end that takes events in and owes them to `deliverTo`; gives the URL to post to. */
export const START_SENDER = defineCall(
  "start sender",
  z.object({ connection: Connection, deliverTo: z.string() }),
  z.string(),
);

/** Starts the end that stores and pushes; gives its URLs. */
export const START_RECEIVER = defineCall(
  "start receiver",
  z.object({ connection: Connection }),
  z.object({ post: z.string(), listen: z.string() }),
);

/** Rows the receiver has stored. */
export const COUNT_STORED = defineCall("count stored", z.null(), z.int());
