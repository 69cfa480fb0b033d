import { z } from "zod";
import { defineCall } from "../processes/calls.ts";

/** Starts a Fastify server that answers each JSON body with itself; gives its URL. */
export const START_ECHO = defineCall("start echo", z.null(), z.string());
