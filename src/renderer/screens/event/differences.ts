import { jsonLines } from "../../ui/json-lines.ts";

export interface Difference {
  readonly path: string;
  /** Null: not there. */
  readonly held: string | null;
  readonly other: string | null;
}

/** Where two JSON texts say different things, value by value as they are written, so that no digit is lost. */
export function differences(held: string, other: string): Difference[] {
  const ours = leaves(held);
  const theirs = leaves(other);
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((path) => ({ path, held: ours.get(path) ?? null, other: theirs.get(path) ?? null }))
    .filter((each) => each.held !== each.other);
}

function leaves(text: string): Map<string, string> {
  return new Map(
    jsonLines(text).flatMap(({ kind, path, value }) => (kind === "open" || kind === "close" ? [] : [[path, value]])),
  );
}
