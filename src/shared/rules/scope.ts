/**
 * The scopes of a peer: globs on the event type. `*` stands for any run of characters, dots included; nothing else is
 * special. A pattern is tried on the full type and on the type without a leading `com.`, so that `stripe.*` matches
 * `com.stripe.charge` (kite-wire.md 11.5).
 */

/** A scope longer than this is refused at the edge. */
export const MAX_SCOPE_LENGTH = 256;

const IMPLIED_PREFIX = "com.";
const NOT_SPECIAL = /[?[\]{}!\\]/;
const BLANK = /[\s\p{Cc}\p{Cs}]/u;

/** Does one pattern match the type? To match many types with the same patterns, compile them once. */
export function matchScope(pattern: string, type: string): boolean {
  return compileScopes([pattern])(type);
}

/**
 * Turns patterns into one test. No patterns match nothing. Matching takes time linear in the type for each star: no
 * regular expression is built from what a user wrote.
 */
export function compileScopes(patterns: readonly string[]): (type: string) => boolean {
  if (patterns.some(isAny)) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const globs = patterns.filter((pattern) => pattern.includes("*")).map(compileGlob);
  const matches = (type: string): boolean => exact.has(type) || globs.some((glob) => glob(type));
  return (type) => matches(type) || (type.startsWith(IMPLIED_PREFIX) && matches(type.slice(IMPLIED_PREFIX.length)));
}

/** Why a pattern cannot be a scope, in words for the person who wrote it; null if it can. */
export function invalidScope(pattern: string): string | null {
  if (pattern === "") return "a scope cannot be empty; write * for every event type";
  if (pattern.length > MAX_SCOPE_LENGTH) return `a scope has at most ${MAX_SCOPE_LENGTH} characters`;
  if (BLANK.test(pattern))
    return "a scope has no spaces or control characters; write each pattern as a scope of its own";
  const special = NOT_SPECIAL.exec(pattern);
  if (special) return `${special[0]} cannot be used in a scope: * is the only wildcard, and it spans dots`;
  return null;
}

function isAny(pattern: string): boolean {
  return pattern !== "" && pattern.replaceAll("*", "") === "";
}

function compileGlob(pattern: string): (type: string) => boolean {
  const parts = pattern.split("*");
  const head = parts[0] ?? "";
  const tail = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  return (type) => {
    if (!type.startsWith(head) || !type.endsWith(tail)) return false;
    const end = type.length - tail.length;
    let from = head.length;
    for (const part of middle) {
      // The leftmost place is always the best one: it leaves the most room for the parts that follow.
      const at = type.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    // The tail must not overlap what came before it.
    return from <= end;
  };
}
