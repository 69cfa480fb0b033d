import { z } from "zod";
import {
  ApiCall,
  Change,
  CopyDifference,
  Difference,
  Explanation,
  Finding,
  Journey,
  LoopGroup,
  ManyDifferences,
  ProbeGraph,
  TopologyMap,
  WayMap,
} from "../debugger/index.ts";
import { consoleCall } from "./errors.ts";
import { Provenance, Time } from "./values.ts";

/** An event to be explained: one of the log, or one that is only described. */
export const AskedEvent = z.union([
  z.object({ seq: z.int().min(1) }),
  z.object({
    type: z.string().min(1).max(256),
    dataBytes: z.int().min(0).default(0),
    provenance: Provenance.optional(),
  }),
]);
export type AskedEvent = z.infer<typeof AskedEvent>;

/** What became of one change that was to be applied. */
export const AppliedChange = z.object({
  change: z.int(),
  applied: z.boolean(),
  /** Why not, or what was done. */
  sentence: z.string(),
});

export const explain = {
  /** The map of the federation, and what stood in the way of knowing more. */
  map: consoleCall.output(z.object({ map: TopologyMap, problems: z.array(z.string()) })),
  /** Where an event goes, from this instance or another one of the map (by its key). */
  event: consoleCall
    .input(z.object({ event: AskedEvent, at: z.string().optional() }))
    .output(z.object({ map: TopologyMap, explanation: Explanation })),
  /** The same, asked of the hubs themselves: a dry run that delivers nothing. */
  probe: consoleCall.input(z.object({ event: AskedEvent })).output(ProbeGraph),
  /** Whether this hub answers the probes of its peers. */
  probes: consoleCall.output(z.object({ answers: z.boolean() })),
  setProbes: consoleCall.input(z.object({ answers: z.boolean() })).output(z.object({ answers: z.boolean() })),
  /** What changes would do, to one event and to the newest `last` of the log. Nothing is changed. */
  whatIf: consoleCall
    .input(
      z.object({
        changes: z.array(Change).max(50),
        event: AskedEvent.nullable().default(null),
        at: z.string().optional(),
        last: z.int().min(0).max(5_000).default(0),
      }),
    )
    .output(
      z.object({
        problems: z.array(z.object({ change: z.int(), problem: z.string() })),
        one: z.object({ before: Explanation, after: Explanation, difference: Difference }).nullable(),
        many: ManyDifferences.nullable(),
        /** The requests that make the changes, for preview and for copying. */
        calls: z.array(ApiCall),
      }),
    ),
  /** Makes the changes that concern this hub's own links. The others have to be made at their hubs. */
  apply: consoleCall.input(z.object({ changes: z.array(Change).min(1).max(50) })).output(z.array(AppliedChange)),
  /** The event's way over all hubs that this console can look at: its own, those it is attached to, those of a lab. */
  journey: consoleCall.input(z.object({ seq: z.int().min(1) })).output(
    z.object({
      journey: Journey,
      /** What differs between the copies of one lane and the next, nearest to the origin first. */
      changes: z.array(z.object({ from: z.string(), to: z.string(), differences: z.array(CopyDifference) })),
    }),
  ),
  /** The ways by which the copies of an event came here. */
  ways: consoleCall.input(z.object({ seq: z.int().min(1) })).output(WayMap),
};

export const lint = {
  list: consoleCall.output(z.object({ map: TopologyMap, findings: z.array(Finding) })),
};

export const loops = {
  /** Events stopped by loop or hop limit since a time, by the cycle they went round; counted in steps of `stepMs`. */
  list: consoleCall
    .input(z.object({ since: Time, stepMs: z.int().min(60_000).default(1_800_000) }))
    .output(z.array(LoopGroup)),
};
