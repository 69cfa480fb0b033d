/** Headers that belong to one connection, or that a local replay with another body must not repeat (kite-wire.md 5). */
const HOP_BY_HOP = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that carry a secret by their very purpose, whatever the provider calls them. */
const SECRET = /(^|-)(authorization|cookie2?|token|secret|password|passwd|credentials?|api-?key)(-|$)/;

/** Senders use the same few names again and again: what was found out about these is remembered, of so many at most. */
const REMEMBERED_NAMES = 512;
const kept = new Map<string, boolean>();

function isKept(name: string): boolean {
  let answer = kept.get(name);
  if (answer === undefined) {
    answer = !HOP_BY_HOP.has(name) && !name.startsWith("proxy-") && !SECRET.test(name);
    if (kept.size < REMEMBERED_NAMES) kept.set(name, answer);
  }
  return answer;
}

/**
 * The text of kiteoriginalheaders: the request's headers without hop-by-hop ones and without secrets. Signatures stay:
 * whoever replays a webhook locally wants to check them.
 */
export function originalHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const original: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !isKept(name)) continue;
    original[name] = withoutTokens(typeof value === "string" ? value : value.join(", "));
  }
  // Escaped once more than JSON asks for: the text is an attribute, in which CloudEvents allows no such characters.
  return JSON.stringify(original).replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** The headers of a request that was refused, for a person to read: all of them, but secrets are masked. */
export function maskedHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const text = typeof value === "string" ? value : value.join(", ");
    shown[name] = SECRET.test(name) ? "•••" : withoutTokens(text);
  }
  return shown;
}

/** A hook token wherever it stands, in a referer or in a proxy's original URL: its first part may be shown. */
const HOOK_TOKEN = /(khk_[0-9a-f]{8}_)[^/?#\s]+/g;
/** A member of a URL's query that is a secret by its name. */
const QUERY_SECRET =
  /([?&;][^=&;\s]*(?:token|secret|passw(?:or)?d|credential|api[-_]?key|authorization)[^=&;\s]*=)[^&;#\s"',]+/gi;

/** Every event has a dozen of headers, and nearly none of them a URL: looking for a sign is cheaper than for the whole. */
function withoutTokens(text: string): string {
  const hidden = text.includes("khk_") ? text.replace(HOOK_TOKEN, "$1•••") : text;
  return hidden.includes("=") ? hidden.replace(QUERY_SECRET, "$1•••") : hidden;
}
