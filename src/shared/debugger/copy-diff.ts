import { z } from "zod";

/** One place at which two copies of an event differ, as a JSON Pointer (RFC 6901). Values are JSON texts, cut when long. */
export const CopyDifference = z.object({
  path: z.string(),
  kind: z.enum(["added", "removed", "changed"]),
  before: z.string().nullable(),
  after: z.string().nullable(),
  expected: z.boolean().describe("Every hop changes it: chain, hops, origin, and the place in the log."),
});
export type CopyDifference = z.infer<typeof CopyDifference>;

const TRAVELS = new Set(["/kitefedchain", "/kitefedhops", "/kitefedorigin", "/kiteseq"]);
const MOST = 500;
const LONGEST = 2_000;

/**
 * Where two copies of an event differ that two hubs hold: an instance on the way that changes what it forwards shows here.
 * @param before the copy that is nearer to the origin
 */
export function diffCopies(before: unknown, after: unknown): CopyDifference[] {
  const found: CopyDifference[] = [];
  compare("", before, after, found);
  return found;
}

function compare(path: string, before: unknown, after: unknown, found: CopyDifference[]): void {
  if (found.length >= MOST || before === after) return;
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const place = `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!Object.hasOwn(b, key)) note(place, "removed", a[key], undefined, found);
      else if (!Object.hasOwn(a, key)) note(place, "added", undefined, b[key], found);
      else compare(place, a[key], b[key], found);
    }
    return;
  }
  note(path, "changed", before, after, found);
}

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function note(
  path: string,
  kind: CopyDifference["kind"],
  before: unknown,
  after: unknown,
  found: CopyDifference[],
): void {
  found.push({ path, kind, before: text(before), after: text(after), expected: TRAVELS.has(path) });
}

function text(value: unknown): string | null {
  if (value === undefined) return null;
  const json = JSON.stringify(value) ?? "null";
  return json.length > LONGEST ? `${json.slice(0, LONGEST)}…`.toWellFormed() : json;
}
