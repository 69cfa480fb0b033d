import type { z } from "zod";

/** How many problems are named at once; more would not be read. */
const MOST_PROBLEMS = 5;

/** All problems as one text: each place once, and what would be right there. */
export function describeIssues(part: string, issues: readonly z.core.$ZodIssue[]): string {
  // What is of the wrong kind breaks the rules of the right one as well; the first problem of a place is the first to mend.
  const problems = new Map<string, z.core.$ZodIssue>();
  for (const issue of issues) {
    const where = place(part, issue.path);
    if (!problems.has(where)) problems.set(where, issue);
  }
  const lines = [...problems].slice(0, MOST_PROBLEMS).map(([where, issue]) => `${where}: ${sentence(issue)}.`);
  const rest = problems.size - lines.length;
  return rest > 0 ? `${lines.join(" ")} And ${rest} more.` : lines.join(" ");
}

/** Where something stands: `body.scopes[0]`. */
export function place(part: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => text + (typeof key === "number" ? `[${key}]` : `.${String(key)}`), part);
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      // A sentence that the schema has of its own.
      if (!issue.message.startsWith("Invalid input")) return issue.message;
      return issue.input === undefined || (issue.input === null && issue.path.length === 0)
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
  url: "must be a URL, such as https://hub.example.com",
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
