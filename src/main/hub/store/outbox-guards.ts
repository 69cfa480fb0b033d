import { FINISHED_OUTBOX_STATES, type OutboxEvent, sourcesOf, transition } from "../../../shared/rules/index.ts";

/**
 * The transition table of shared/rules as conditions of statements. An entry in a state from which the event is not
 * legal is not touched, and is missing from the count that the statement returns.
 */

const list = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(", ");

/** States in table `outbox` from which the event is legal, as an SQL list. */
export function owedSources(event: OutboxEvent): string {
  return list(sourcesOf(event).filter((state) => !FINISHED_OUTBOX_STATES.includes(state)));
}

/** States in table `outbox_done` from which the event is legal, as an SQL list. */
export function doneSources(event: OutboxEvent): string {
  return list(sourcesOf(event).filter((state) => FINISHED_OUTBOX_STATES.includes(state)));
}

/** The state the event leads to from `sending`, as the table has it. @throws when it is not legal there */
export function settledState(event: OutboxEvent): "pending" | "delivered" | "dead" | "cancelled" {
  const state = transition("sending", event);
  if (state === null || state === "sending") throw new Error(`"${event}" does not settle an entry that is being sent`);
  return state;
}
