import { z } from "zod";
import { OUTBOX_STATES } from "../rules/index.ts";

/** Milliseconds since the epoch, by the clock of the hub that is looked at. */
export const Time = z.number();

/** A length of time in milliseconds. */
export const Duration = z.number();

/** Where a row stands in a list; opaque. Null: there is nothing more. */
export const PageCursor = z.string().max(512);

/** The part of a list that is asked for. */
export const PageInput = z.object({
  cursor: PageCursor.nullable().default(null),
  limit: z.int().min(1).max(500).default(100),
});

/** A part of a list, and where it goes on. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: PageCursor.nullable() });
}

export const OutboxStateValue = z.enum(OUTBOX_STATES);

/** A peer as other things name it. The colour and the word for its environment come from the peer itself. */
export const PeerRef = z.object({ no: z.int(), id: z.string(), name: z.string() });
export type PeerRef = z.infer<typeof PeerRef>;

/** What an event's list row says of it wherever it is named. Null members: retention has taken the event. */
export const EventLabel = z.object({ id: z.string(), source: z.string(), type: z.string() });
export type EventLabel = z.infer<typeof EventLabel>;

/** The provenance of a copy. */
export const Provenance = z.object({
  origin: z.string().nullable(),
  chain: z.array(z.string()),
  hops: z.int(),
});

/** The values a rule compared (shared/rules/reasons.ts). */
export const EvidenceValue = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

/** HTTP headers as they were recorded, secrets masked. */
export const Headers = z.record(z.string(), z.string());

/** How much a bulk action would act on, or acted on. */
export const Count = z.object({ count: z.int() });
