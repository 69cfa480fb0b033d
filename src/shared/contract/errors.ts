import { oc } from "@orpc/contract";
import { z } from "zod";

/**
 * What every call may be answered with besides its result. `message` is a sentence for the person who reads it: what is
 * wrong, where, and how to mend it. `field` names the member of the input that is at fault, where one is.
 */
export const consoleCall = oc.errors({
  BAD_REQUEST: { status: 400, data: z.object({ field: z.string().nullable() }) },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  CONFLICT: { status: 409 },
  /** The hub cannot answer now; trying again can help. */
  UNAVAILABLE: { status: 503 },
});
