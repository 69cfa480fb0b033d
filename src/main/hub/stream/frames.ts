import { z } from "zod";
import { isCloudEventString } from "../../../shared/event/index.ts";

/** Error codes of the protocol (kite-wire.md 6.2). The hub closes with the same code after an error that is final. */
export const CODES = {
  authFailed: 4001,
  invalidMessage: 4002,
  slowConsumer: 4004,
  /** Not one of Kite's: WebSocket's own "try again later", for when the database cannot be read. */
  tryAgainLater: 1013,
} as const;

/** The version of the protocol (kite-wire.md 6.1). */
const VERSION = 1;

// Stored as text by PostgreSQL and compared byte for byte, so it must be a string that survives both.
const ClientId = z
  .string()
  .min(1, "must not be empty; leave it out to be given one")
  .max(256, "has at most 256 characters")
  .refine(isCloudEventString, "must not have control characters or lone surrogates");

const Connect = z.object({
  type: z.literal("connect"),
  version: z.literal(VERSION, `must be ${VERSION}, the only version this hub speaks`).default(VERSION),
  token: z.string(),
  team_id: z.string(),
  scopes: z.array(z.string()).default(["*"]),
  client_id: ClientId.nullish(),
});

const Ack = z.object({ type: z.literal("ack"), seq: z.int().min(0) });

const Request = z.object({
  type: z.literal("request"),
  id: z.string().max(256),
  method: z.string().max(256),
  params: z.unknown().optional(),
});

const ClientFrame = z.discriminatedUnion("type", [Connect, Ack, Request], {
  error: "must be connect, ack or request",
});

export type ConnectFrame = z.output<typeof Connect>;
export type RequestFrame = z.output<typeof Request>;
export type ClientFrame = z.output<typeof ClientFrame>;

/** A frame of a client, or the sentence that says why it is none. */
export type ParsedFrame =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly problem: string };

/** Reads a text frame of a client. Members the protocol does not know are ignored. */
export function parseClientFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: "a frame must be one JSON object" };
  }
  const parsed = ClientFrame.safeParse(value);
  return parsed.success ? { ok: true, frame: parsed.data } : { ok: false, problem: describe(parsed.error) };
}

/** The first thing that is wrong, as a person would say it: the member, then what it must be. */
function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "the frame is malformed";
  return issue.path.length === 0 ? `a frame ${lower(issue.message)}` : `${issue.path.join(".")}: ${issue.message}`;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export function connectedFrame(lastSeq: number, clientId: string): string {
  return `{"type":"connected","last_seq":${lastSeq},"client_id":${JSON.stringify(clientId)}}`;
}

export function errorFrame(code: number, message: string): string {
  return `{"type":"error","code":${code},"message":${JSON.stringify(message)}}`;
}

export function cursorExpiredFrame(oldest: number): string {
  const message = `Events before seq ${oldest} are no longer kept; the stream goes on from there.`;
  return `{"type":"cursor_expired","oldest_available_seq":${oldest},"message":${JSON.stringify(message)}}`;
}

/** @param payload the JSON text of the payload */
export function responseFrame(id: string, ok: boolean, payload: string): string {
  return `{"type":"response","id":${JSON.stringify(id)},"ok":${ok},"payload":${payload}}`;
}
