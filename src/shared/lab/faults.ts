import { z } from "zod";

const times = z.int().min(1).optional().describe("For so many requests; without it until the link is healed.");

/** What may go wrong on a link. It happens between the hubs, so that they themselves run unchanged. */
export const Fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("down"), times }).describe("Connections are closed without an answer."),
  z
    .strictObject({ kind: z.literal("slow"), ms: z.int().min(1).max(60_000), times })
    .describe("Requests wait before they go on."),
  z
    .strictObject({ kind: z.literal("status"), status: z.int().min(300).max(599), times })
    .describe("Answered with this status, and not passed on."),
  z
    .strictObject({ kind: z.literal("too_many"), retryAfterSecs: z.int().min(0).max(3_600), times })
    .describe("Answered 429 with Retry-After, and not passed on."),
  z
    .strictObject({ kind: z.literal("wrong_key"), times })
    .describe("The token and the signature are spoilt on the way."),
  z
    .strictObject({ kind: z.literal("duplicate"), times })
    .describe("Each request arrives twice; the sender gets the first answer."),
  z.strictObject({ kind: z.literal("reorder"), times }).describe("A request is held until the next one has passed it."),
  z
    .strictObject({ kind: z.literal("cut"), times })
    .describe("The connection breaks half way through the body of the request."),
  z
    .strictObject({ kind: z.literal("cut_answer"), times })
    .describe("The request arrives, and the connection breaks half way through the answer: the sender cannot know."),
  z
    .strictObject({ kind: z.literal("skew"), ms: z.int().min(-86_400_000).max(86_400_000), times })
    .describe("The clock of the answering side is off by so much, as its Date and a Retry-After with a time tell it."),
]);
export type Fault = z.infer<typeof Fault>;

/** A fault in words, for reports. */
export function sayFault(fault: Fault): string {
  const often = fault.times === undefined ? "" : ` (${fault.times} times)`;
  switch (fault.kind) {
    case "down":
      return `is down${often}`;
    case "slow":
      return `is slow: ${fault.ms} ms${often}`;
    case "status":
      return `answers ${fault.status}${often}`;
    case "too_many":
      return `answers 429, Retry-After ${fault.retryAfterSecs} s${often}`;
    case "wrong_key":
      return `has the wrong key${often}`;
    case "duplicate":
      return `delivers everything twice${often}`;
    case "reorder":
      return `reorders requests${often}`;
    case "cut":
      return `breaks half way through a body${often}`;
    case "cut_answer":
      return `breaks half way through an answer${often}`;
    case "skew":
      return `has a clock that is off by ${fault.ms} ms${often}`;
  }
}
