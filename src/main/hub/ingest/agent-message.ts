import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { isCloudEventString, objectSlices, TooDeepError, utf8Length } from "../../../shared/event/index.ts";
import { parseJson } from "../../../shared/parse-json.ts";
import { describeIssues } from "../describe-issues.ts";
import { HubError } from "../errors.ts";
import { eventIdentity } from "../log/index.ts";
import type { Candidate } from "../model.ts";
import { parseBody } from "./body.ts";

/** The type of every message from agent to agent, on this instance or across instances (kite-wire.md 10). */
export const AGENT_MESSAGE_TYPE = "com.kite.agent.message";

const SOURCE_PREFIX = "https://getkite.sh/agents/";
const MAX_AGENT_ID = 256;
const MAX_REFERENCE = 512;
const MAX_DATA_BYTES = 262_144;
const SUMMARY_BYTES = 80;
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

const agentId = z
  .string()
  .max(MAX_AGENT_ID)
  .refine((id) => id.trim() !== "" && isCloudEventString(id), "must be the id of an agent, without control characters");
const reference = z.string().min(1).max(MAX_REFERENCE).refine(isCloudEventString, "has control characters").nullish();

const ProtocolMessage = z.object({
  from: agentId,
  to: agentId,
  body: z.string(),
  thread_id: reference,
  reply_to_id: reference,
});

const SeedMessage = z.object({
  from: agentId,
  to: agentId.refine((to) => recipientOf(to) !== null, "must be the URL of an agent on its instance"),
  payload: z.looseObject({}),
});

/** What posting a message needs from its surroundings. */
export interface AgentMessageContext {
  readonly team: string;
  /** The URL under which this instance is known; sources of messages with a payload begin with it. */
  readonly publicUrl: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Makes the event's id; a UUIDv7 unless a test says otherwise. */
  readonly newId?: () => string;
}

/**
 * Reads the body of `POST /api/v1/agents/messages`, in either of the two shapes of kite-wire.md 10: `{from, to, body,
 * thread_id?, reply_to_id?}`, or `{from, to, payload}` where `to` is the URL of an agent on another instance and
 * `payload` any JSON object, which travels as it was sent.
 * @param text the request body, decoded
 * @throws HubError `bad_request` that names the field, `too_large`
 */
export function agentMessage(text: string, context: AgentMessageContext): Candidate {
  const value = parseBody(text);
  const message = hasPayload(value) ? seedMessage(text, value) : protocolMessage(value);
  const { from, to, body, data } = message;
  const dataBytes = utf8Length(data);
  if (dataBytes > MAX_DATA_BYTES)
    throw new HubError("too_large", `The message has ${dataBytes} bytes; at most ${MAX_DATA_BYTES} are accepted.`, {
      max_bytes: MAX_DATA_BYTES,
    });
  const id = (context.newId ?? uuidv7)();
  const agents = message.shape === "protocol" ? SOURCE_PREFIX : `${context.publicUrl.replace(/\/+$/, "")}/agents/`;
  const source = `${agents}${encodeURIComponent(from)}`;
  return {
    id,
    source,
    type: AGENT_MESSAGE_TYPE,
    attrs: `"time":"${new Date(context.now).toISOString()}","datacontenttype":"application/json"`,
    data,
    summary: agentSummary(from, to, body),
    headers: null,
    dataBytes,
    team: context.team,
    hook: null,
    via: null,
    copy: { origin: null, chain: "[]", hops: 0 },
    integrity: null,
    verified: false,
    agentTo: recipientOf(to),
    identity: eventIdentity(context.team, source, id),
  };
}

/**
 * The agent an event is for, as `agent_to:` subscriptions name it: `data.to` of an agent message, or the last segment
 * of its path where `to` is a URL. Null for every other event, and for a message that names nobody.
 * @param dataText the raw JSON of the event's data
 */
export function agentRecipient(type: string, dataText: string | null): string | null {
  if (type !== AGENT_MESSAGE_TYPE || dataText === null) return null;
  const data = parseJson(dataText);
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, "to")) return null;
  const { to } = data as { to: unknown };
  return typeof to === "string" ? recipientOf(to) : null;
}

function recipientOf(to: string): string | null {
  const recipient = URL_SCHEME.test(to) ? lastSegment(to) : to;
  return recipient !== "" && recipient.length <= MAX_AGENT_ID && isCloudEventString(recipient) ? recipient : null;
}

function lastSegment(url: string): string {
  try {
    const segment = new URL(url).pathname.split("/").findLast((part) => part !== "");
    return decodeURIComponent(segment ?? "");
  } catch {
    return "";
  }
}

/** `[agent msg] from → to: ` and the first 80 bytes of the body, with … when there is more (kite-wire.md 5). */
function agentSummary(from: string, to: string, body: string): string {
  // An attribute has no control characters: peers would refuse an event whose summary has a line break.
  const line = printable(body);
  // No more than this can make the cut, and a body may be long. The last unit only shows that there is more.
  const bytes = Buffer.from(line.slice(0, SUMMARY_BYTES + 1));
  if (bytes.length <= SUMMARY_BYTES) return `[agent msg] ${from} → ${to}: ${line}`;
  let end = SUMMARY_BYTES;
  while (isContinuation(bytes[end])) end--;
  return `[agent msg] ${from} → ${to}: ${bytes.toString("utf8", 0, end)}…`;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function printable(text: string): string {
  return text
    .slice(0, SUMMARY_BYTES + 2)
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, " ");
}

type Message = {
  readonly shape: "protocol" | "seed";
  readonly from: string;
  readonly to: string;
  /** What the summary quotes. */
  readonly body: string;
  readonly data: string;
};

function protocolMessage(value: unknown): Message {
  const { from, to, body, thread_id, reply_to_id } = checked(ProtocolMessage, value);
  // Clients are strict about Unicode: an unpaired surrogate would make an event that nobody can read or acknowledge.
  const data = JSON.stringify({
    from,
    to,
    body: body.toWellFormed(),
    thread_id: thread_id ?? undefined,
    reply_to_id: reply_to_id ?? undefined,
  });
  return { shape: "protocol", from, to, body, data };
}

function seedMessage(text: string, value: unknown): Message {
  const { from, to } = checked(SeedMessage, value);
  const payload = slicesOf(text).find(({ name }) => name === "payload")?.raw ?? "{}";
  return { shape: "seed", from, to, body: payload, data: `{"to":${JSON.stringify(to)},"payload":${payload}}` };
}

function hasPayload(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.hasOwn(value, "payload") && !Object.hasOwn(value, "body")
  );
}

function slicesOf(text: string): ReturnType<typeof objectSlices> {
  try {
    return objectSlices(text);
  } catch (error) {
    if (error instanceof TooDeepError)
      throw new HubError("bad_request", `The payload cannot be taken: ${error.message}.`);
    throw error;
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = describeIssues("body", result.error.issues);
  throw new HubError(
    "bad_request",
    `This is not an agent message. ${problems} Send {from, to, body} or {from, to, payload}.`,
  );
}
