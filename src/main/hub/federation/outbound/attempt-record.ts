import type { Attempt } from "../../store/attempts.ts";
import type { Group } from "./lane-entry.ts";
import type { Answer } from "./peer-client.ts";

/** Characters of an answer's body that are kept: little of a success, what explains of a failure. */
const KEPT_OF_SUCCESS = 512;
const KEPT_OF_FAILURE = 4_096;
const KEPT_OF_HEADER = 256;

/** Response headers that help to understand an answer. None that could carry a credential. */
const USEFUL = [
  "content-type",
  "content-length",
  "retry-after",
  "location",
  "server",
  "via",
  "www-authenticate",
  "x-request-id",
  "cf-ray",
  "x-kite-accepts",
  "x-kite-instance",
];

export interface Exchange {
  readonly id: string;
  readonly at: number;
  readonly group: Group;
  readonly url: string;
  /** Token and signatures, which must not be kept even when the peer sends them back. */
  readonly secrets: readonly string[];
  /** name, value, name, value … as they were sent. */
  readonly headers: readonly string[];
  readonly bytes: number;
  readonly answer: Answer;
}

/**
 * The record of a request: what was sent, by reference, and what came back, without any secret.
 * @param error a sentence, already through {@link cleanText}
 */
export function recordAttempt(exchange: Exchange, outcome: string, reason: string, error: string | null): Attempt {
  const { id, at, group, answer, secrets } = exchange;
  const { entries } = group;
  let [firstSeq, lastSeq, segment, peer] = [Number.MAX_SAFE_INTEGER, 0, 0, 0];
  for (const entry of entries) {
    firstSeq = Math.min(firstSeq, entry.seq);
    lastSeq = Math.max(lastSeq, entry.seq);
    segment = Math.max(segment, entry.segment);
    peer = entry.peer;
  }
  const failed = outcome !== "delivered";
  const clean = (text: string, most: number): string => cleanText(text, secrets, most);
  return {
    id,
    segment,
    peer,
    at,
    durationMs: answer.durationMs,
    outcome,
    reason,
    status: answer.status,
    error,
    batch: entries.length > 1,
    entries: entries.length,
    firstSeq,
    lastSeq,
    url: shownUrl(exchange.url),
    requestHeaders: shownRequestHeaders(exchange.headers),
    requestBytes: exchange.bytes,
    responseHeaders: failed && answer.status !== null ? shownResponseHeaders(answer.headers, clean) : null,
    responseBody: answer.body === "" ? null : clean(answer.body, failed ? KEPT_OF_FAILURE : KEPT_OF_SUCCESS),
  };
}

/** The URL without what a query may hide. */
function shownUrl(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : `${url.slice(0, query)}?…`;
}

function shownRequestHeaders(headers: readonly string[]): string {
  const shown: Record<string, string> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    if (name === "authorization") shown[name] = "Bearer ••••";
    // Enough to compare with what the peer says it got; too little to use.
    else if (name.endsWith("signature")) shown[name] = `${value.slice(0, 15)}…`;
    else shown[name] = value;
  }
  return JSON.stringify(shown);
}

function shownResponseHeaders(headers: Answer["headers"], clean: (text: string, most: number) => string): string {
  const shown: Record<string, string> = {};
  for (const name of USEFUL) {
    const value = headers[name];
    if (value !== undefined) shown[name] = clean(String(value), KEPT_OF_HEADER);
  }
  return JSON.stringify(shown);
}

/** What a peer sent back may echo our token, hold a NUL that Postgres refuses, or be cut within a character. */
export function cleanText(text: string, secrets: readonly string[], most = KEPT_OF_FAILURE): string {
  let safe = text;
  // Before anything is cut, or half a secret would stay.
  for (const secret of secrets) if (secret !== "") safe = safe.replaceAll(secret, "••••");
  const cut = safe.length > most ? `${safe.slice(0, most)}…` : safe;
  return cut.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
