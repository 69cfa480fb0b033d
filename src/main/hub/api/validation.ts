import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { describeIssues, place } from "../describe-issues.ts";
import { HubError } from "../errors.ts";

const PARTS: Readonly<Record<string, string>> = { querystring: "query", params: "path" };

/** Checks requests with zod, and says what is wrong in sentences: `body.max_hops: must be at most 64.` */
export const requestValidator: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[httpPart ?? ""] ?? httpPart ?? "request";
  return (data) => {
    const odd = unstorable(data) ?? (httpPart === "params" ? missing(data) : null);
    if (odd !== null) return { error: new HubError("bad_request", `${place(part, odd.path)}: ${odd.sentence}.`) };
    const result = schema.safeParse(data, { reportInput: true });
    if (result.success) return { value: result.data };
    return { error: new HubError("bad_request", describeIssues(part, result.error.issues)) };
  };
};

interface Odd {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

const NO_TEXT = /[\0\p{Cs}]/u;
/** Deeper values are refused by their schemas, which have no such depth. */
const DEEPEST = 32;

/** PostgreSQL takes neither U+0000 nor half a surrogate pair: the one is an error there, the other becomes another text. */
function unstorable(value: unknown, path: readonly PropertyKey[] = []): Odd | null {
  if (typeof value === "string")
    return NO_TEXT.test(value) ? { path, sentence: "must not have U+0000 or half a surrogate pair in it" } : null;
  if (typeof value !== "object" || value === null || path.length >= DEEPEST) return null;
  for (const [key, member] of Object.entries(value)) {
    const odd = unstorable(key, path) ?? unstorable(member, [...path, Array.isArray(value) ? Number(key) : key]);
    if (odd !== null) return odd;
  }
  return null;
}

/** A part of the path that is empty: the path ends with a slash, or has two in a row. */
function missing(params: unknown): Odd | null {
  const empty = Object.entries(params ?? {}).find(([, value]) => value === "");
  return empty === undefined ? null : { path: [empty[0]], sentence: "is missing; name one, or leave out the slash" };
}
