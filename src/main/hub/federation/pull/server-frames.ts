import { z } from "zod";
import { objectSlices, TooDeepError } from "../../../../shared/event/index.ts";
import { parseJson } from "../../../../shared/parse-json.ts";

const Seq = z.int().min(0);
const Connected = z.object({ type: z.literal("connected"), last_seq: Seq, client_id: z.string() });
const Event = z.object({ type: z.literal("event"), seq: Seq, event: z.looseObject({}) });
const Expired = z.object({ type: z.literal("cursor_expired"), oldest_available_seq: Seq });
const Failure = z.object({ type: z.literal("error"), code: z.int(), message: z.string() });
const Response = z.object({ type: z.literal("response"), id: z.string(), ok: z.boolean(), payload: z.unknown() });
const Frame = z.discriminatedUnion("type", [Connected, Event, Expired, Failure, Response]);

/** An event as a peer's stream shows it: its place in the peer's log, its exact text, and the same through JSON.parse. */
export interface StreamedEvent {
  readonly seq: number;
  readonly text: string;
  readonly value: unknown;
}

/** What a peer's stream says (kite-wire.md 6.2). */
export type ServerFrame =
  | { readonly type: "connected"; readonly lastSeq: number }
  | ({ readonly type: "event" } & StreamedEvent)
  | { readonly type: "expired"; readonly oldest: number }
  | { readonly type: "error"; readonly code: number; readonly message: string }
  | {
      readonly type: "response";
      readonly id: string;
      readonly ok: boolean;
      readonly text: string;
      readonly payload: unknown;
    };

/** Reads a frame; null for one that is none of ours or malformed, which the protocol says to pass over. */
export function readServerFrame(text: string): ServerFrame | null {
  const read = Frame.safeParse(parseJson(text));
  if (!read.success) return null;
  const frame = read.data;
  switch (frame.type) {
    case "connected":
      return { type: "connected", lastSeq: frame.last_seq };
    case "cursor_expired":
      return { type: "expired", oldest: frame.oldest_available_seq };
    case "error":
      return frame;
    case "event":
      return { type: "event", seq: frame.seq, text: rawMember(text, "event") ?? "", value: frame.event };
    case "response":
      return { ...frame, text: rawMember(text, "payload") ?? "" };
  }
}

/** A member's text exactly as it came; null when there is none, or it nests too deeply to be an event of ours. */
export function rawMember(text: string, name: string): string | null {
  try {
    return objectSlices(text).find((slice) => slice.name === name)?.raw ?? null;
  } catch (error) {
    if (error instanceof TooDeepError) return null;
    throw error;
  }
}
