import { z } from "zod";
import { DROP_REASONS, INBOUND_REASONS } from "../rules/index.ts";
import { EvidenceShape } from "./evidence.ts";
import { PeerReading } from "./reading.ts";

export const ReasonShape = z.enum([...DROP_REASONS, ...INBOUND_REASONS]);

export const ProvenanceShape = z.object({
  origin: z.string().nullable(),
  chain: z.array(z.string()),
  hops: z.int(),
});

/** As much of an event as routing looks at. */
export const EventShape = z.object({
  type: z.string(),
  dataBytes: z.int().describe("Size of the data, not of the envelope around it."),
  provenance: ProvenanceShape.describe("Of the copy that the instance holds where the event is placed."),
});

/**
 * What becomes of the event on a link. `delivered`: by this link the event comes to the instance. `duplicate`: it arrives,
 * and is there already. `stopped`: the sender does not forward it. `refused`: the receiver does not let it in.
 * `unknown`: nobody told what this link lets through.
 */
export const LINK_OUTCOMES = ["delivered", "duplicate", "stopped", "refused", "unknown"] as const;

export const LinkSaying = z.object({
  outcome: z.enum(LINK_OUTCOMES),
  reason: ReasonShape.nullable().describe("The first rule that stops it."),
  evidence: EvidenceShape.nullable().describe("The values that the rule compared."),
  sentence: z.string().describe("The outcome in words."),
});
export type LinkSaying = z.infer<typeof LinkSaying>;

export const ExplainedLink = LinkSaying.extend({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  hop: z.int().describe("The hops of the copy that goes over this link, or would."),
  waits: z.boolean().describe("The peer is paused: what is forwarded waits until it is resumed."),
  also: z
    .array(LinkSaying)
    .describe("What the hubs may come to instead, for it depends on which of several copies is there first."),
});
export type ExplainedLink = z.infer<typeof ExplainedLink>;

export const ExplainedInstance = z.object({
  key: z.string(),
  name: z.string(),
  hops: z.int().describe("Of the copy that it keeps."),
  chain: z.array(z.string()).describe("Of the copy that it keeps."),
  path: z.array(z.string()).describe("The links by which that copy comes; one of the shortest ways."),
  ways: z.int().describe("Ways without a loop by which a copy can come."),
  received: z
    .int()
    .describe("Copies that arrive when all links are equally fast; the first one at the origin included."),
  receivedAtMost: z.int().describe("Copies that arrive at most, when longer ways are faster than shorter ones."),
  kept: z.int().describe("Copies that it keeps, and tells its listeners."),
  waits: z.boolean().describe("It gets the event only when a paused link is resumed."),
  beyond: z.enum(["known", "unknown"]),
});
export type ExplainedInstance = z.infer<typeof ExplainedInstance>;

export const MissedInstance = z.object({
  key: z.string(),
  name: z.string(),
  stoppedBy: z.array(z.string()).describe("The links that hold the event and would lead there, each with its rule."),
  perhaps: z.boolean().describe("It may get the event all the same, by links that are not known."),
  sentence: z.string(),
});
export type MissedInstance = z.infer<typeof MissedInstance>;

export const ExplainedReading = PeerReading.extend({ key: z.string().describe("Key of the instance that reads.") });
export type ExplainedReading = z.infer<typeof ExplainedReading>;

/** Where an event goes: who gets it, at which hop and by which ways, and which rule ends it everywhere else. */
export const Explanation = z.object({
  event: EventShape,
  at: z.string().describe("Key of the instance where the event is placed."),
  instances: z.array(ExplainedInstance).describe("Those that get it, the nearest first."),
  links: z.array(ExplainedLink).describe("Those whose sender holds it."),
  missed: z
    .array(MissedInstance)
    .describe("Those of the map that do not get it, without those that it came by and those that read it."),
  readings: z
    .array(ExplainedReading)
    .describe("Peers that read this hub's stream: what this hub knows of the event's way to each."),
  complete: z.boolean().describe("False if there are more ways than were counted; outcomes are right all the same."),
});
export type Explanation = z.infer<typeof Explanation>;
