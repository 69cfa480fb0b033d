import { invalidScope, matchScope } from "../../../shared/rules/index.ts";
import type { LogEvent } from "../model.ts";

const MAX_SCOPES = 256;
const MAX_SCOPE_LENGTH = 512;
const OF_KEY = "key ";

/** What a listener wants to see, compiled. */
export interface ListenerScopes {
  /** The scopes as given, each once, in an order that makes equal sets equal lists. */
  readonly list: readonly string[];
  matches(event: ScopedEvent): boolean;
}

/** As much of an event as a listener's scopes look at. */
export type ScopedEvent = Pick<LogEvent, "hook" | "source" | "type" | "agentTo">;

/** Scopes, or the sentence that says what is wrong with them. */
export type ParsedScopes =
  | { readonly ok: true; readonly scopes: ListenerScopes }
  | { readonly ok: false; readonly problem: string };

type Test = (event: ScopedEvent) => boolean;

/**
 * Reads a listener's scopes (kite-wire.md 6.4). One that matches is enough; an empty list matches nothing.
 *
 * `*` is every event of the team; `source:<name>` an event whose endpoint, CloudEvent source or type contains the name;
 * `type:<name>` one whose type contains it; `agent_to:<id>` the agent messages for exactly this agent. `glob:<pattern>` is
 * ours: an event whose type a peer's scope of that pattern would match. Other teams are out of reach of any scope: a
 * listener sees the log of its key's team and no other.
 */
export function parseScopes(list: readonly string[]): ParsedScopes {
  if (list.length > MAX_SCOPES) return { ok: false, problem: `a connection has at most ${MAX_SCOPES} scopes` };
  const distinct = [...new Set(list)].sort();
  const tests: Test[] = [];
  for (const scope of distinct) {
    const test = scope.length > MAX_SCOPE_LENGTH ? null : parseScope(scope);
    if (test === null) return { ok: false, problem: describe(scope) };
    tests.push(test);
  }
  if (distinct.includes("*")) return { ok: true, scopes: { list: distinct, matches: () => true } };
  return { ok: true, scopes: { list: distinct, matches: (event) => tests.some((test) => test(event)) } };
}

/** Both at once: what a connection asks for, within what its key may see. */
export function within(asked: ListenerScopes, key: ListenerScopes): ListenerScopes {
  if (key.list.includes("*")) return asked;
  return {
    list: [...asked.list, ...key.list.map((scope) => `${OF_KEY}${scope}`)],
    matches: (event) => key.matches(event) && asked.matches(event),
  };
}

/** What a connection asked for, of the list that {@link within} made of it. */
export function askedScopes(list: readonly string[]): readonly string[] {
  return list.filter((scope) => !scope.startsWith(OF_KEY));
}

function parseScope(scope: string): Test | null {
  if (scope === "*") return () => true;
  const colon = scope.indexOf(":");
  const name = scope.slice(colon + 1);
  if (colon < 0 || name === "") return null;
  switch (scope.slice(0, colon)) {
    case "source":
      return ({ hook, source, type }) => hook?.includes(name) || source.includes(name) || type.includes(name);
    case "type":
      return ({ type }) => type.includes(name);
    case "glob":
      return invalidScope(name) === null ? ({ type }) => matchScope(name, type) : null;
    case "agent_to":
      return ({ agentTo }) => agentTo === name;
    default:
      return null;
  }
}

function describe(scope: string): string {
  const shown = scope.length > 80 ? `${scope.slice(0, 80)}…` : scope;
  return (
    `${JSON.stringify(shown)} is not a scope: write *, source:<name>, type:<name>, glob:<pattern> or agent_to:<agent id>, ` +
    `with at most ${MAX_SCOPE_LENGTH} characters`
  );
}
