import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FINISHED_OUTBOX_STATES,
  INITIAL_OUTBOX_STATE,
  OUTBOX_EVENTS,
  OUTBOX_STATES,
  OUTBOX_TRANSITIONS,
  type OutboxEvent,
  type OutboxState,
  sourcesOf,
  transition,
} from "../../src/shared/rules/index.ts";

/** Every transition that is legal, written out. */
const LEGAL: readonly (readonly [OutboxState, OutboxEvent, OutboxState])[] = [
  ["pending", "claim", "sending"],
  ["sending", "deliver", "delivered"],
  ["sending", "retry", "pending"],
  ["sending", "split", "pending"],
  ["sending", "release", "pending"],
  ["sending", "lease_expired", "pending"],
  ["sending", "fail", "dead"],
  ["pending", "expire", "dead"],
  ["sending", "abandon", "cancelled"],
  ["pending", "cancel", "cancelled"],
  ["dead", "cancel", "cancelled"],
  ["pending", "retry_now", "pending"],
  ["pending", "relax", "pending"],
  ["dead", "relax", "dead"],
  ["dead", "replay_dead", "pending"],
  ["delivered", "replay_delivered", "pending"],
];

const EVERY = OUTBOX_STATES.flatMap((state) => OUTBOX_EVENTS.map((event) => [state, event] as const));

it.each(EVERY)("%s, %s", (state, event) => {
  const legal = LEGAL.find(([from, name]) => from === state && name === event);
  expect(transition(state, event)).toBe(legal?.[2] ?? null);
});

it("sourcesOf names the states in which an event is legal", () => {
  for (const event of OUTBOX_EVENTS) {
    expect(sourcesOf(event)).toEqual(OUTBOX_STATES.filter((state) => transition(state, event) !== null));
  }
  expect(sourcesOf("cancel")).toEqual(["pending", "dead"]);
});

it("every state can be reached, and only replays lead out of an end", () => {
  const reached = new Set<OutboxState>([INITIAL_OUTBOX_STATE, ...LEGAL.map(([, , to]) => to)]);
  expect([...reached].sort()).toEqual([...OUTBOX_STATES].sort());
  const ways = LEGAL.filter(
    ([from, , to]) => FINISHED_OUTBOX_STATES.includes(from) && !FINISHED_OUTBOX_STATES.includes(to),
  );
  expect(ways.map(([, event]) => event)).toEqual(["replay_dead", "replay_delivered"]);
});

describe("docs/outbox-states.md", () => {
  const doc = readFileSync(new URL("../../docs/outbox-states.md", import.meta.url), "utf8").replaceAll("\r\n", "\n");

  it("has the diagram of the table", () => {
    expect(doc).toContain(diagram());
  });

  it("has the table of the code", () => {
    expect(doc).toContain(table());
  });
});

function diagram(): string {
  const arrows = new Map<string, string[]>();
  for (const event of OUTBOX_EVENTS) {
    for (const state of sourcesOf(event)) {
      const arrow = `${state} --> ${transition(state, event)}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
  }
  const lines = [...arrows].map(([arrow, events]) => `    ${arrow}: ${events.join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", `    [*] --> ${INITIAL_OUTBOX_STATE}`, ...lines, "```"].join("\n");
}

function table(): string {
  const rows = OUTBOX_EVENTS.map((event) => {
    const moves = sourcesOf(event).map((state) => `${state} → ${transition(state, event)}`);
    return `| \`${event}\` | ${moves.join("<br>")} | ${OUTBOX_TRANSITIONS[event].meaning} |`;
  });
  return ["| event | transition | when |", "|---|---|---|", ...rows].join("\n");
}
