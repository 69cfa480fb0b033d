/**
 * Texts are compared without case for the letters A to Z alone: what is upper case beyond them depends on whom one asks,
 * and the database and the console have to agree.
 */
export function foldCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** Does the text consist of the parts, in this order, with anything between them? Linear in the text for each part. */
export function matchParts(parts: readonly string[], text: string): boolean {
  const head = parts[0] ?? "";
  if (parts.length <= 1) return text === head;
  const tail = parts.at(-1) ?? "";
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let from = head.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= end;
}

/** Is the pattern `*`: anything, as long as it is there? */
export const isAnything = (parts: readonly string[]): boolean => parts.length > 1 && parts.every((part) => part === "");

/** Orders texts by code points, as UTF-8 does byte by byte; UTF-16 puts some of them elsewhere. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

// Surrogates stand for code points above all others, and U+E000 to U+FFFF move below them.
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
