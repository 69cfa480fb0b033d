import { isUtf8 } from "node:buffer";
import { assertDepth, TooDeepError } from "../../../shared/event/index.ts";
import { HubError } from "../errors.ts";

/** Bytes of one event's body (kite-wire.md 4.3), and of a batch of them (ours). */
export const MAX_BODY_BYTES = 262_144;
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
export const MAX_BATCH_EVENTS = 1_000;

/** The content types of endpoints, as they stand in a sentence. */
export const TAKEN_TYPES =
  "application/json, application/cloudevents+json, application/cloudevents-batch+json, " +
  "application/x-www-form-urlencoded, XML or text";

/** What a body turned out to be. */
export type Body =
  | { readonly kind: "structured"; readonly text: string; readonly value: unknown }
  | { readonly kind: "batch"; readonly text: string; readonly value: readonly unknown[] }
  | { readonly kind: "data"; readonly json: string; readonly value: unknown; readonly contentType: string };

/** @throws HubError too_large, with the limit as the SDKs read it */
export function checkSize(bytes: number, batch: boolean): void {
  const limit = batch ? MAX_BATCH_BYTES : MAX_BODY_BYTES;
  if (bytes > limit)
    throw new HubError("too_large", `The body has ${bytes} bytes; at most ${limit} are accepted.`, {
      max_bytes: limit,
    });
}

function decode(raw: Buffer): string {
  if (!isUtf8(raw))
    throw new HubError("bad_request", "The body is not valid UTF-8: send it as such, and not compressed.");
  return raw.toString("utf8");
}

/** @throws HubError bad_request */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : "";
    throw new HubError("bad_request", `The body is not valid JSON: ${detail.replace(/^JSON\.parse: /, "")}`);
  }
}

/** Maps the nesting limit to the error that callers get. */
export function withDepthError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TooDeepError) throw new HubError("bad_request", `The body cannot be taken: ${error.message}.`);
    throw error;
  }
}

function formFields(text: string): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? value : Array.isArray(earlier) ? [...earlier, value] : [earlier, value]);
  }
  return Object.fromEntries(fields);
}

/**
 * Reads a body by its content type: structured and batched CloudEvents, JSON, forms (as an object of their fields, or
 * the JSON of a `payload` field), text and XML (as a JSON string).
 * @param contentType the header's value; absent counts as JSON
 * @throws HubError too_large, bad_request
 */
export function readBody(raw: Buffer, contentType: string | undefined): Body {
  const media = (contentType ?? "application/json").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const batch = media === "application/cloudevents-batch+json";
  checkSize(raw.length, batch);
  const text = decode(raw);
  if (batch) {
    const value = parseBody(text);
    if (!Array.isArray(value)) throw new HubError("bad_request", "A batch must be a JSON array of CloudEvents.");
    if (value.length > MAX_BATCH_EVENTS)
      throw new HubError(
        "too_large",
        `The batch has ${value.length} events; at most ${MAX_BATCH_EVENTS} are accepted.`,
        {
          max_events: MAX_BATCH_EVENTS,
        },
      );
    return { kind: "batch", text, value };
  }
  if (media === "application/cloudevents+json") return { kind: "structured", text, value: parseBody(text) };
  if (media === "application/x-www-form-urlencoded") {
    const fields = formFields(text);
    const { payload } = fields;
    // GitHub's form deliveries hold the whole JSON in one field.
    if (typeof payload === "string" && Object.keys(fields).length === 1) {
      const value = parseBody(payload);
      withDepthError(() => assertDepth(payload));
      return { kind: "data", json: payload, value, contentType: "application/json" };
    }
    return { kind: "data", json: JSON.stringify(fields), value: fields, contentType: "application/json" };
  }
  if (media === "" || media === "application/json" || media.endsWith("+json")) {
    if (text.trim() === "") throw new HubError("bad_request", "The body is empty; send JSON.");
    const value = parseBody(text);
    withDepthError(() => assertDepth(text));
    return { kind: "data", json: text, value, contentType: "application/json" };
  }
  if (media.startsWith("text/") || media === "application/xml" || media.endsWith("+xml")) {
    const json = JSON.stringify(text);
    return { kind: "data", json, value: text, contentType: media };
  }
  throw new HubError("bad_request", `Content type ${media} is not accepted. Send ${TAKEN_TYPES}.`);
}
