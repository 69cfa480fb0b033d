/** One member of a JSON object: its name and the raw text of its value, exactly as it was received. */
export interface Slice {
  readonly name: string;
  readonly raw: string;
}

/**
 * Levels of nesting an event's data may have. serde_json refuses more than 128, and a client built on it would never
 * acknowledge such an event; the frame and the envelope around the data take the difference.
 */
export const MAX_DEPTH = 120;

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;

/** Thrown when JSON nests deeper than {@link MAX_DEPTH}. */
export class TooDeepError extends Error {
  constructor() {
    super(`JSON nests deeper than ${MAX_DEPTH} levels`);
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

function skipSpace(text: string, at: number): number {
  let i = at;
  while (isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** The index after the closing quote of the string that opens at `at`. */
function skipString(text: string, at: number): number {
  let end = at;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

/** The index after the value that begins at `at`; the text must be valid JSON. @throws TooDeepError beyond `limit` */
function skipValue(text: string, at: number, limit = MAX_DEPTH): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  let i = at;
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET || isSpace(c)) break;
    }
    return i;
  }
  let depth = 0;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = skipString(text, i);
      continue;
    }
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > limit) throw new TooDeepError();
    } else if ((c === CLOSE_BRACE || c === CLOSE_BRACKET) && --depth === 0) {
      return i + 1;
    }
    i++;
  }
  return i;
}

/**
 * Cuts a JSON object into the raw texts of its members, so that payloads travel byte for byte instead of through
 * parse and stringify (which costs more and loses digits of large numbers). A name that comes twice keeps its last
 * value, as JSON.parse does.
 * @param text valid JSON (already accepted by JSON.parse) whose top level is an object
 * @throws TooDeepError
 */
export function objectSlices(text: string): Slice[] {
  const slices = new Map<string, Slice>();
  let i = skipSpace(text, skipSpace(text, 0) + 1);
  while (i < text.length && text.charCodeAt(i) !== CLOSE_BRACE) {
    const nameEnd = skipString(text, i);
    const rawName = text.slice(i + 1, nameEnd - 1);
    const name = rawName.includes("\\") ? (JSON.parse(text.slice(i, nameEnd)) as string) : rawName;
    i = skipSpace(text, nameEnd);
    if (text.charCodeAt(i) === COLON) i = skipSpace(text, i + 1);
    const end = skipValue(text, i);
    slices.set(name, { name, raw: text.slice(i, end) });
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return [...slices.values()];
}

/**
 * Cuts a JSON array into the raw texts of its elements, however deeply they nest: whoever reads an element says so of
 * that one alone.
 * @param text valid JSON whose top level is an array
 */
export function arraySlices(text: string): string[] {
  const slices: string[] = [];
  let i = skipSpace(text, skipSpace(text, 0) + 1);
  while (i < text.length && text.charCodeAt(i) !== CLOSE_BRACKET) {
    const end = skipValue(text, i, Number.POSITIVE_INFINITY);
    slices.push(text.slice(i, end));
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return slices;
}

/**
 * Checks the nesting of any valid JSON text.
 * @throws TooDeepError
 */
export function assertDepth(text: string): void {
  skipValue(text, skipSpace(text, 0));
}
