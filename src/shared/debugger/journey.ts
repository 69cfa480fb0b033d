import { z } from "zod";
import { explainIssue, INTEGRITY_ISSUES, type OUTBOX_STATES } from "../rules/index.ts";
import type { ProvenanceShape } from "./explanation.ts";

/** One attempt to deliver an event, as the sender has recorded it. Times are milliseconds since 1970, by the sender's clock. */
export interface JourneyAttempt {
  readonly at: number;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly says: string;
}

/** What one hub that can be looked at has to say about an event. */
export interface HubTestimony {
  readonly instanceId: string;
  /** How far its clock is ahead of ours, as far as that is known; null where it is not ours and nobody knows. */
  readonly clockOffsetMs: number | null;
  readonly receivedAt: number;
  readonly provenance: z.infer<typeof ProvenanceShape>;
  readonly integrity: readonly (typeof INTEGRITY_ISSUES)[number][];
  /** Further arrivals of it there. */
  readonly arrivals: readonly { readonly at: number; readonly kind: string; readonly chain: readonly string[] }[];
  readonly peers: readonly {
    readonly to: string;
    readonly decidedAt: number;
    /** The sentence of the rule that stopped it; null when it is forwarded. */
    readonly stopped: string | null;
    readonly state: (typeof OUTBOX_STATES)[number] | null;
    readonly attempts: readonly JourneyAttempt[];
  }[];
}

const Step = z.object({
  at: z.number().describe("By our clock where the lane's offset is known."),
  durationMs: z.number().nullable(),
  kind: z.enum(["received", "duplicate", "stopped", "queued", "attempt", "delivered", "dead", "cancelled"]),
  to: z.string().nullable().describe("The instance id or name of the peer concerned."),
  sentence: z.string(),
});

/** An event's way over all hubs that can be seen: a lane for each instance of its chain, and of those it went on to. */
export const Journey = z.object({
  lanes: z.array(
    z.object({
      instanceId: z.string(),
      hop: z.int().nullable().describe("Of the copy that it holds; null where it cannot be seen."),
      visible: z
        .boolean()
        .describe("Its hub can be asked. Of the others no more is known than that the chain names them."),
      clock: z.enum(["ours", "adjusted", "unknown"]),
      caveat: z.string().nullable().describe("Why times of this lane may not fit those of the others."),
      integrity: z.array(z.object({ issue: z.enum(INTEGRITY_ISSUES), sentence: z.string() })),
      steps: z.array(Step),
    }),
  ),
  agrees: z.boolean().describe("Chain, hops, origin and caller agree in every copy that can be seen."),
});
export type Journey = z.infer<typeof Journey>;

/** The journey of one event. Hubs come in the order of the chain, those it went on to after them. */
export function journeyOf(testimonies: readonly HubTestimony[]): Journey {
  const longest = testimonies.reduce<readonly string[]>(
    (best, { provenance: { chain }, instanceId }) => (chain.length + 1 > best.length ? [...chain, instanceId] : best),
    [],
  );
  const byHops = [...testimonies].sort((a, b) => a.provenance.hops - b.provenance.hops);
  const order = [...new Set([...longest, ...byHops.map(({ instanceId }) => instanceId)])];
  const lanes = order.map((instanceId) => {
    const found = testimonies.find((one) => one.instanceId === instanceId);
    return found === undefined ? hidden(instanceId) : visible(found);
  });
  return { lanes, agrees: testimonies.every(({ integrity }) => integrity.length === 0) };
}

type Lane = Journey["lanes"][number];

function hidden(instanceId: string): Lane {
  const caveat = "The chain names this instance; its hub cannot be asked from here.";
  return { instanceId, hop: null, visible: false, clock: "unknown", caveat, integrity: [], steps: [] };
}

function visible(testimony: HubTestimony): Lane {
  const { instanceId, clockOffsetMs, provenance, integrity } = testimony;
  const steps = stepsOf(testimony).map((step) => ({ ...step, at: step.at - (clockOffsetMs ?? 0) }));
  return {
    instanceId,
    hop: provenance.hops,
    visible: true,
    clock: clockOffsetMs === null ? "unknown" : clockOffsetMs === 0 ? "ours" : "adjusted",
    caveat: clockCaveat(clockOffsetMs),
    integrity: integrity.map((issue) => ({ issue, sentence: explainIssue(issue) })),
    steps: steps.sort((a, b) => a.at - b.at),
  };
}

function clockCaveat(offsetMs: number | null): string | null {
  if (offsetMs === 0) return null;
  if (offsetMs === null) return "This lane's clock is not ours: its times may be off against the other lanes.";
  return `This lane's clock is ${Math.abs(offsetMs)} ms ${offsetMs > 0 ? "ahead of" : "behind"} ours; its times are moved by that.`;
}

function stepsOf({ receivedAt, provenance, arrivals, peers }: HubTestimony): z.infer<typeof Step>[] {
  const way = provenance.chain.length === 0 ? "first-hand" : `by ${provenance.chain.join(" → ")}`;
  const received = {
    at: receivedAt,
    durationMs: null,
    kind: "received" as const,
    to: null,
    sentence: `Received ${way}.`,
  };
  const again = arrivals.map(({ at, kind, chain }) => ({
    at,
    durationMs: null,
    kind: "duplicate" as const,
    to: null,
    sentence: `Came again (${kind}) ${chain.length === 0 ? "first-hand" : `by ${chain.join(" → ")}`}.`,
  }));
  return [received, ...again, ...peers.flatMap(peerSteps)];
}

function peerSteps({ to, decidedAt, stopped, state, attempts }: HubTestimony["peers"][number]): z.infer<typeof Step>[] {
  const step = (
    at: number,
    kind: z.infer<typeof Step>["kind"],
    sentence: string,
    durationMs: number | null = null,
  ) => ({
    at,
    durationMs,
    kind,
    to,
    sentence,
  });
  if (stopped !== null) return [step(decidedAt, "stopped", stopped)];
  const tried = attempts.map(({ at, durationMs, says }) => step(at, "attempt", says, durationMs));
  const last = attempts.at(-1);
  const end = last === undefined ? decidedAt : last.at + last.durationMs;
  const ended =
    state === "delivered" || state === "dead" || state === "cancelled" ? [step(end, state, ENDS[state])] : [];
  return [step(decidedAt, "queued", "Owed to the peer."), ...tried, ...ended];
}

const ENDS = {
  delivered: "Delivered.",
  dead: "Given up: it is a dead letter, and can be replayed.",
  cancelled: "Cancelled: it was not wanted any more.",
} as const;
