import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { EventLabel, EvidenceValue, Headers, PageInput, PeerRef, pageOf, Time } from "./values.ts";

/** A request that was turned away before it became an event. */
export const RefusalView = z.object({
  id: z.string(),
  at: Time,
  route: z.string(),
  reason: z.string(),
  /** What was wrong and how to mend it. */
  sentence: z.string(),
  peer: PeerRef.nullable(),
  event: EventLabel.nullable(),
  evidence: EvidenceValue,
  /** The source of the endpoint that the request was for. */
  source: z.string().nullable(),
  bodyBytes: z.int().nullable(),
});
export type RefusalView = z.infer<typeof RefusalView>;

/** The same with what was kept of the request: secrets masked, and no more of the body than the setting allows. */
export const RefusalDetailView = RefusalView.extend({
  headers: Headers.nullable(),
  body: z.object({ text: z.string().nullable(), base64: z.string().nullable(), truncated: z.boolean() }).nullable(),
});
export type RefusalDetailView = z.infer<typeof RefusalDetailView>;

export const refusals = {
  list: consoleCall
    .input(
      PageInput.extend({
        reason: z.string().nullable().default(null),
        peerId: z.string().nullable().default(null),
        source: z.string().nullable().default(null),
      }),
    )
    .output(pageOf(RefusalView)),
  get: consoleCall.input(z.object({ id: z.string() })).output(RefusalDetailView),
};
