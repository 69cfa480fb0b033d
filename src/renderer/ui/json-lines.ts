/** A line of a JSON text as it is shown, made of the text's own tokens. */
export interface JsonLine {
  readonly depth: number;
  /** The member's name with its quotes; null in an array and at the top. */
  readonly key: string | null;
  readonly path: string;
  readonly kind: "open" | "close" | "empty" | "string" | "number" | "word";
  readonly value: string;
  /** Of an opening line: the index of the line that closes it, and how many members there are. */
  readonly end: number;
  readonly members: number;
  readonly comma: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
const PLAIN_NAME = /^"[A-Za-z_$][\w$]*"$/;

type Draft = { -readonly [Key in keyof JsonLine]: JsonLine[Key] };

/**
 * Breaks valid JSON into lines, one for each value, without reading any number: what has more digits than a number
 * holds is shown as it came.
 */
export function jsonLines(text: string): JsonLine[] {
  const lines: Draft[] = [];
  const open: { line: number; array: boolean; path: string }[] = [];
  let key: string | null = null;
  const tokens = text.match(TOKEN) ?? [];

  const put = (kind: JsonLine["kind"], value: string): void => {
    const parent = open.at(-1);
    const holder = parent === undefined ? undefined : lines[parent.line];
    const path = parent === undefined ? "$" : `${parent.path}${parent.array ? `[${holder?.members}]` : step(key)}`;
    if (holder !== undefined) holder.members += 1;
    lines.push({ depth: open.length, key, path, kind, value, end: lines.length, members: 0, comma: false });
    key = null;
  };

  tokens.forEach((token, at) => {
    switch (token) {
      case "{":
      case "[": {
        const empty = tokens[at + 1] === (token === "{" ? "}" : "]");
        put(empty ? "empty" : "open", empty ? `${token}${tokens[at + 1]}` : token);
        open.push({ line: lines.length - 1, array: token === "[", path: lines.at(-1)?.path ?? "" });
        return;
      }
      case "}":
      case "]": {
        const closed = open.pop();
        const opening = closed === undefined ? undefined : lines[closed.line];
        if (opening === undefined || opening.kind === "empty") return;
        opening.end = lines.length;
        lines.push({ ...opening, key: null, kind: "close", value: token, members: 0, comma: false });
        return;
      }
      case ",": {
        const last = lines.at(-1);
        if (last !== undefined) last.comma = true;
        return;
      }
      case ":":
        return;
      default:
        if (tokens[at + 1] === ":") key = token;
        else put(token.startsWith('"') ? "string" : /^[-\d]/.test(token) ? "number" : "word", token);
    }
  });
  return lines;
}

const step = (key: string | null): string =>
  key !== null && PLAIN_NAME.test(key) ? `.${key.slice(1, -1)}` : `[${key}]`;
