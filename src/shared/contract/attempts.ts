import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Duration, Headers, PageInput, PeerRef, pageOf, Time } from "./values.ts";

/** One HTTP request to a peer, as it was sent and answered; a batch is one attempt of many entries. */
export const AttemptView = z.object({
  id: z.string(),
  peer: PeerRef,
  at: Time,
  duration: Duration,
  outcome: z.string(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  batch: z.boolean(),
  entries: z.int(),
  firstSeq: z.int(),
  lastSeq: z.int(),
  url: z.string(),
  requestHeaders: Headers,
  requestBytes: z.int(),
  responseHeaders: Headers.nullable(),
  responseBody: z.string().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const attempts = {
  list: consoleCall
    .input(PageInput.extend({ peerId: z.string().nullable().default(null), failed: z.boolean().default(false) }))
    .output(pageOf(AttemptView)),
  get: consoleCall.input(z.object({ id: z.string() })).output(AttemptView),
};
