import { z } from "zod";
import { defineCall } from "../processes/calls.ts";

/** Starts two peers, one that never answers and one that answers 500; gives the URLs to register. */
export const START_BAD_PEERS = defineCall(
  "start bad peers",
  z.null(),
  z.object({ hanging: z.string(), failing: z.string() }),
);
