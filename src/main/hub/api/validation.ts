import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { HubError } from "../errors.ts";

const PARTS: Readonly<Record<string, string>> = { querystring: "query", params: "path" };

/** How many problems are named at once; more would not be read. */
const MOST_PROBLEMS = 5;

/** Checks requests with zod, and says what is wrong in sentences: `body.max_hops: must be at most 64.` */
export const requestValidator: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[httpPart ?? ""] ?? httpPart ?? "request";
  return (data) => {
    const result = schema.safeParse(data, { reportInput: true });
    if (result.success) return { value: result.data };
    return { error: new HubError("bad_request", describeIssues(part, result.error.issues)) };
  };
};

/** All problems as one text: the place of each, and what would be right there. */
export function describeIssues(part: string, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.slice(0, MOST_PROBLEMS).map((issue) => `${place(part, issue.path)}: ${sentence(issue)}.`);
  const rest = issues.length - lines.length;
  return rest > 0 ? `${lines.join(" ")} And ${rest} more.` : lines.join(" ");
}

function place(part: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => text + (typeof key === "number" ? `[${key}]` : `.${String(key)}`), part);
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `is missing; it must be ${kind(issue.expected)}`
        : `must be ${kind(issue.expected)}`;
    case "too_small":
      return bound(issue.origin, "at least", issue.minimum);
    case "too_big":
      return bound(issue.origin, "at most", issue.maximum);
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "unrecognized_keys":
      return `${issue.keys.map((key) => JSON.stringify(key)).join(", ")} cannot be given here; see /docs for what can`;
    case "invalid_format":
      return FORMATS[issue.format] ?? issue.message;
    case "invalid_union":
      return issue.message === "Invalid input" ? "has none of the forms that are possible here" : issue.message;
    default:
      return issue.message;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: "must be a UUID",
  datetime: "must be a time such as 2026-04-14T10:00:00Z",
};

function kind(expected: string): string {
  if (expected === "int") return "a whole number";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === "string") return limit === 1 ? "cannot be empty" : `must have ${relation} ${limit} characters`;
  if (origin === "array") return limit === 1 ? "must have at least one item" : `must have ${relation} ${limit} items`;
  return `must be ${relation} ${limit}`;
}
