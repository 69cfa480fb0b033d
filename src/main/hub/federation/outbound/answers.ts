import { z } from "zod";
import { parseJson } from "../../../../shared/parse-json.ts";
import type { LogEvent } from "../../model.ts";
import type { Answer } from "./peer-client.ts";

/** What a peer says it did with an event that it answered 2xx. */
export type Delivered = "accepted" | "duplicate" | "own_id_in_chain" | "replayed" | "delivered";

/** What a peer says about one event of a batch. */
export type BatchFate =
  | { readonly fate: "delivered"; readonly result: Delivered }
  | { readonly fate: "dead"; readonly cause: string; readonly error: string }
  | { readonly fate: "retry"; readonly error: string };

const DELIVERED: Readonly<Record<string, Delivered>> = {
  accepted: "accepted",
  duplicate: "duplicate",
  duplicate_ignored: "duplicate",
  own_id_in_chain: "own_id_in_chain",
  replayed: "replayed",
};

/** Statuses by which a receiver refuses an event for good. One that is not known here is tried again. */
const REFUSED = new Set(["invalid", "too_large", "provenance_invalid", "internal_event", "unstorable"]);

const Single = z.object({ status: z.string() });

/** The result of a single delivery that was answered 2xx (kite-wire.md 11.4 leaves the body open; ours says more). */
export function readSingle(answer: Answer): Delivered {
  if (answer.status === 202) return "accepted";
  const read = Single.safeParse(parseJson(answer.body));
  return (read.success ? own(DELIVERED, read.data.status) : undefined) ?? "delivered";
}

const Batch = z.object({ results: z.array(z.unknown()) });
const Result = z.object({
  id: z.string().nullish(),
  source: z.string().nullish(),
  status: z.string(),
  error: z.string().optional(),
});

/**
 * The results of a batch that was answered 2xx, one for each event in order; null when the answer is none of our
 * protocol, and so says nothing about any event.
 */
export function readBatch(answer: Answer, events: readonly LogEvent[]): BatchFate[] | null {
  const read = answer.truncated ? undefined : Batch.safeParse(parseJson(answer.body));
  if (read === undefined || !read.success) return null;
  const { results } = read.data;
  return events.map((event, index) => fateOf(event, results[index]));
}

function fateOf(event: LogEvent, raw: unknown): BatchFate {
  const read = Result.safeParse(raw);
  if (!read.success) return { fate: "retry", error: "The peer's answer to the batch has no result for this event." };
  const { id, source, status, error } = read.data;
  if ((id ?? event.id) !== event.id || (source ?? event.source) !== event.source)
    return { fate: "retry", error: "The peer's answer to the batch has another event's result in this place." };
  const result = own(DELIVERED, status);
  if (result !== undefined) return { fate: "delivered", result };
  const said = `The peer said "${status.slice(0, 64)}" in its answer to the batch${error === undefined ? "." : `: ${error}`}`;
  return REFUSED.has(status) ? { fate: "dead", cause: status, error: said } : { fate: "retry", error: said };
}

/** Has the peer announced, by x-kite-accepts, that it takes batches? */
export function announcesBatches(answer: Answer): boolean {
  const header = answer.headers["x-kite-accepts"];
  const list = Array.isArray(header) ? header.join(",") : (header ?? "");
  return list.split(",").some((item) => item.trim().toLowerCase() === "batch");
}

/** The instance id by which the peer calls itself; null when it does not say. */
export function announcedInstanceId(answer: Answer): string | null {
  const header = answer.headers["x-kite-instance"];
  return typeof header === "string" && header !== "" ? header : null;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
