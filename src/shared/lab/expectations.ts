import { z } from "zod";
import { countOf } from "../count-of.ts";
import { LINT_RULES } from "../debugger/index.ts";
import { DROP_REASONS, OUTBOX_STATES } from "../rules/index.ts";

const at = z.string().describe("Key of an instance.");
const link = z.string().describe("Name of a link, such as A>B.");
const type = z
  .string()
  .optional()
  .describe("A glob on the event type: only these events are meant. By default all that were published.");

/** What must be true of the hubs once all is quiet. */
export const Expectation = z.discriminatedUnion("that", [
  z
    .strictObject({ that: z.literal("every_event"), at, times: z.int().min(0).default(1), type })
    .describe("Every published event is in the log there, so many times: 1 is exactly once, 0 is not at all."),
  z
    .strictObject({ that: z.literal("nothing_beyond"), hops: z.int().min(0) })
    .describe("No instance holds a copy with more hops."),
  z
    .strictObject({ that: z.literal("kept_hops"), at, hops: z.int().min(0), type })
    .describe("The copies that it keeps have so many hops."),
  z
    .strictObject({ that: z.literal("stopped"), link, reason: z.enum(DROP_REASONS), type })
    .describe("Each event that its sender holds was not forwarded over this link, for this reason."),
  z
    .strictObject({ that: z.literal("entries"), link, state: z.enum(OUTBOX_STATES), count: z.int().min(0) })
    .describe("So many outbox entries of the link are in this state."),
  z
    .strictObject({ that: z.literal("attempts"), link, atLeast: z.int().min(1), status: z.int().optional() })
    .describe("So many requests were made over the link, with this answer if one is given."),
  z
    .strictObject({ that: z.literal("refused"), at, reason: z.string(), atLeast: z.int().min(1).default(1) })
    .describe("The instance refused requests for this reason."),
  z
    .strictObject({
      that: z.literal("arrivals"),
      at,
      kind: z.enum(["duplicate", "shorter", "conflict"]),
      atLeast: z.int().min(1),
    })
    .describe("Further copies of its events came there."),
  z
    .strictObject({ that: z.literal("told"), at, type: z.string(), atLeast: z.int().min(1).default(1) })
    .describe("Its listeners were told events of this type, such as kite.federation.delivery_failed."),
  z
    .strictObject({ that: z.literal("message"), at, agent: z.string(), count: z.int().min(0) })
    .describe("So many messages are there for this agent."),
  z
    .strictObject({ that: z.literal("finding"), rule: z.enum(LINT_RULES), found: z.boolean().default(true) })
    .describe("The lint finds this in the topology, or does not."),
  z
    .strictObject({ that: z.literal("predicted") })
    .describe("For every event, Explain predicts where it is and why it is not elsewhere."),
]);
export type Expectation = z.infer<typeof Expectation>;

/** An expectation in words, for reports. */
export function sayExpectation(expected: Expectation): string {
  const events = "type" in expected && expected.type !== undefined ? expected.type : "event";
  switch (expected.that) {
    case "every_event":
      return `every ${events} at ${expected.at} ${expected.times === 1 ? "exactly once" : sayTimes(expected.times)}`;
    case "nothing_beyond":
      return `nothing beyond ${countOf(expected.hops, "hop")}`;
    case "kept_hops":
      return `every ${events} kept at ${expected.at} with ${countOf(expected.hops, "hop")}`;
    case "stopped":
      return `every ${events} stopped on ${expected.link} by ${expected.reason}`;
    case "entries":
      return `${expected.count} ${expected.state} on ${expected.link}`;
    case "attempts":
      return `at least ${countOf(expected.atLeast, "attempt")} on ${expected.link}${expected.status === undefined ? "" : ` answered ${expected.status}`}`;
    case "refused":
      return `at least ${countOf(expected.atLeast, "request")} refused at ${expected.at} by ${expected.reason}`;
    case "arrivals":
      return `at least ${expected.atLeast} further ${expected.atLeast === 1 ? "copy" : "copies"} (${expected.kind}) at ${expected.at}`;
    case "told":
      return `at least ${expected.atLeast} × ${expected.type} told at ${expected.at}`;
    case "message":
      return `${countOf(expected.count, "message")} for agent ${expected.agent} at ${expected.at}`;
    case "finding":
      return `the lint ${expected.found ? "finds" : "does not find"} ${expected.rule}`;
    case "predicted":
      return "Explain predicts every outcome";
  }
}

const TIMES: Readonly<Record<number, string>> = { 0: "not at all", 1: "once", 2: "twice" };

/** `not at all`, `once`, `twice`, `3 times`. */
export function sayTimes(times: number): string {
  return TIMES[times] ?? `${times} times`;
}
