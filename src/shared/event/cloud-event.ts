import { objectSlices } from "./json-slices.ts";

/**
 * A CloudEvent as the hub holds it: what rules and filters read is taken out, all else stays the text that came in.
 * `attrs` holds the remaining members as JSON text without braces, `data` the raw JSON of the payload.
 */
export interface Envelope {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly attrs: string;
  readonly data: string | null;
  readonly summary: string | null;
  /** kiteoriginalheaders: the text of a JSON object, header name to value. */
  readonly headers: string | null;
  readonly dataBytes: number;
}

/** The provenance extensions as they stood in the event, still unread. */
export interface WireProvenance {
  readonly origin?: unknown;
  readonly chain?: unknown;
  readonly hops?: unknown;
}

/** A parsed structured event, or the first reason why it is not a CloudEvent 1.0. */
export type ParsedEvent =
  | { readonly ok: true; readonly event: Envelope; readonly wire: WireProvenance }
  | { readonly ok: false; readonly problem: string };

const EXTENSION_NAME = /^[a-z0-9]+$/;
const RFC3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: CloudEvents 1.0 forbids exactly these in its String type.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/;
const URI_FORBIDDEN = /[\s<>"{}|\\^`]/;

/** CloudEvents' String type: no control characters, noncharacters or lone surrogates. */
export function isCloudEventString(value: string): boolean {
  return !FORBIDDEN.test(value) && value.isWellFormed();
}

function attributeProblem(name: string, value: unknown): string | null {
  switch (typeof value) {
    case "string":
      if (!isCloudEventString(value)) return `attribute "${name}" has a control character or a lone surrogate`;
      break;
    case "boolean":
      if (name === "id" || name === "source" || name === "type") return `attribute "${name}" must be a string`;
      return null;
    case "number":
      if (!Number.isSafeInteger(value)) return `attribute "${name}" must be an integer, a string or a boolean`;
      break;
    default:
      return `attribute "${name}" must be a string, an integer or a boolean`;
  }
  switch (name) {
    case "id":
    case "type":
    case "subject":
      return typeof value === "string" && value !== "" ? null : `attribute "${name}" must be a non-empty string`;
    case "source":
      if (typeof value !== "string" || value === "") return `attribute "source" must be a non-empty URI reference`;
      return URI_FORBIDDEN.test(value) ? `attribute "source" is not a URI reference` : null;
    case "dataschema":
      if (typeof value !== "string" || value === "" || URI_FORBIDDEN.test(value))
        return `attribute "dataschema" is not a URI`;
      return null;
    case "time":
      return typeof value === "string" && RFC3339.test(value) ? null : `attribute "time" is not an RFC 3339 timestamp`;
    case "datacontenttype":
      return typeof value === "string" && value !== "" ? null : `attribute "datacontenttype" must be a media type`;
    default:
      return null;
  }
}

function headersProblem(text: unknown): string | null {
  if (typeof text !== "string") return `extension "kiteoriginalheaders" must be a string`;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return null;
  } catch {
    // falls through to the one message for everything that is not a JSON object
  }
  return `extension "kiteoriginalheaders" must hold a JSON object`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8, without an encoder at hand. */
export function utf8Length(text: string): number {
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) continue;
    if (c < 0x800) bytes += 1;
    else if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.length) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}

/**
 * Reads one structured CloudEvent 1.0 (CloudEvents JSON format).
 *
 * A null attribute counts as absent. `kiteseq` is dropped: it is a place in the sender's log, not in ours.
 * @param text the event's JSON text
 * @param value the same text through JSON.parse
 * @throws TooDeepError when the payload nests too deeply
 */
export function parseStructured(text: string, value: unknown): ParsedEvent {
  const no = (problem: string): ParsedEvent => ({ ok: false, problem });
  if (!isObject(value)) return no("a structured event must be a JSON object");
  if (value["specversion"] !== "1.0") return no(`attribute "specversion" must be "1.0"`);
  for (const required of ["id", "source", "type"]) {
    if (!Object.hasOwn(value, required)) return no(`attribute "${required}" is missing`);
  }
  if (value["data"] !== undefined && Object.hasOwn(value, "data_base64") && value["data_base64"] !== null)
    return no(`"data" and "data_base64" exclude each other`);

  const wire: { origin?: unknown; chain?: unknown; hops?: unknown } = {};
  let summary: string | null = null;
  let headers: string | null = null;
  let data: string | null = null;
  let base64Bytes = 0;
  let attrs = "";
  for (const { name, raw } of objectSlices(text)) {
    const member = value[name];
    switch (name) {
      case "specversion":
      case "kiteseq":
        continue;
      case "data":
        data = raw;
        continue;
      case "kitefedorigin":
        wire.origin = member;
        continue;
      case "kitefedchain":
        wire.chain = member;
        continue;
      case "kitefedhops":
        wire.hops = member;
        continue;
    }
    if (member === null) {
      if (name === "id" || name === "source" || name === "type") return no(`attribute "${name}" is missing`);
      continue;
    }
    if (name === "data_base64") {
      if (typeof member !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(member))
        return no(`"data_base64" must be a string in Base64`);
      base64Bytes = member.length;
    } else {
      if (!EXTENSION_NAME.test(name)) return no(`attribute name "${name}" must be lower-case letters and digits`);
      const problem = attributeProblem(name, member);
      if (problem !== null) return no(problem);
    }
    if (name === "id" || name === "source" || name === "type") continue;
    if (name === "kitesummary" && typeof member === "string") {
      summary = member;
      continue;
    }
    if (name === "kiteoriginalheaders") {
      const problem = headersProblem(member);
      if (problem !== null) return no(problem);
      headers = member as string;
      continue;
    }
    attrs += `${attrs === "" ? "" : ","}"${name}":${raw}`;
  }
  return {
    ok: true,
    wire,
    event: {
      id: value["id"] as string,
      source: value["source"] as string,
      type: value["type"] as string,
      attrs,
      data,
      summary,
      headers,
      dataBytes: data === null ? base64Bytes : utf8Length(data),
    },
  };
}
