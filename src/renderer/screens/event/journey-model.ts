import type { AttemptView, DecisionView, EntryView, EventView } from "../../../shared/contract/index.ts";
import type { Shape, Tone } from "../../ui/mark.tsx";
import { lookOfOutcome, reasonWords } from "../../ui/outcome.tsx";
import { durationWords } from "../../ui/time-words.ts";

/** A stretch of time in a lane. */
export interface Segment {
  readonly kind: "queued" | "waiting" | "attempt";
  readonly from: number;
  readonly to: number;
  readonly failed: boolean;
  readonly label: string;
}

export interface Mark {
  readonly at: number;
  readonly tone: Tone;
  readonly shape: Shape;
  readonly label: string;
}

/** One instance on the way of the event. */
export interface Lane {
  readonly key: string;
  readonly name: string;
  readonly kind: "before" | "here" | "peer";
  /** How it ended or stands, in words. */
  readonly tone: Tone;
  readonly shape: Shape;
  readonly says: string;
  readonly segments: readonly Segment[];
  readonly marks: readonly Mark[];
}

export interface JourneyModel {
  readonly from: number;
  readonly to: number;
  /** True where a time of another clock is shown. */
  readonly foreignClock: boolean;
  readonly lanes: readonly Lane[];
}

/**
 * Where an event was, what was done with it here, and what became of it at each peer.
 * @param here the name of this instance
 * @param now by the hub's clock: what is still owed reaches up to it
 */
export function journeyOf(event: EventView, here: string, now: number): JourneyModel {
  const time = timeOf(event);
  const before = event.chain.map((id, at): Lane => {
    const first = at === 0 && time !== null;
    return {
      key: `before-${at}`,
      name: id,
      kind: "before",
      tone: "idle",
      shape: "dot",
      says: at === 0 ? "Origin" : "Passed it on",
      segments: [],
      marks: first
        ? [{ at: time, tone: "idle", shape: "dot", label: "The event's own time, by the clock of its source" }]
        : [],
    };
  });
  const decided = event.decisions.reduce<number | null>((latest, { at }) => Math.max(latest ?? at, at), null);
  const received: Mark = {
    at: event.at,
    tone: "ok",
    shape: "dot",
    label: `Received ${event.viaPeer === null ? "here" : `from ${event.viaPeer.name}`}`,
  };
  const hereLane: Lane = {
    key: "here",
    name: here,
    kind: "here",
    tone: "ok",
    shape: "dot",
    says:
      decided === null
        ? "Received; routing had nothing to decide"
        : `Received and decided for ${event.decisions.length} of its peers`,
    segments: [],
    marks: decided === null ? [received] : [received, { at: decided, tone: "busy", shape: "arrow", label: "Decided" }],
  };
  const peers = event.decisions.map((decision) => peerLane(decision, event, now));
  const times = [hereLane, ...before, ...peers].flatMap(({ segments, marks }) => [
    ...segments.flatMap((segment) => [segment.from, segment.to]),
    ...marks.map(({ at }) => at),
  ]);
  return {
    from: Math.min(...times),
    to: Math.max(...times),
    foreignClock: time !== null && event.chain.length > 0,
    lanes: [...before, hereLane, ...peers],
  };
}

function timeOf(event: EventView): number | null {
  const { time } = JSON.parse(event.event) as { time?: unknown };
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function peerLane(decision: DecisionView, event: EventView, now: number): Lane {
  const lane = { key: `peer-${decision.peer.no}`, name: decision.peer.name, kind: "peer" } as const;
  const entry =
    event.entries.find(({ id }) => id === decision.entryId) ??
    event.entries.find(({ peer }) => peer.no === decision.peer.no);
  if (decision.outcome === "drop" || entry === undefined) {
    const { tone, shape, word } = lookOfOutcome("dropped");
    const says = decision.reason === null ? decision.sentence : `${word}: ${reasonWords(decision.reason)}`;
    return {
      ...lane,
      tone,
      shape,
      says,
      segments: [],
      marks: [{ at: decision.at, tone, shape, label: decision.sentence }],
    };
  }
  const attempts = event.attempts.filter(({ peer }) => peer.no === decision.peer.no).sort((a, b) => a.at - b.at);
  const { tone, shape, word } = lookOfOutcome(entry.state);
  const end = entry.finishedAt ?? now;
  return {
    ...lane,
    tone,
    shape,
    says: `${word}${detailOf(entry, end)}`,
    segments: segmentsOf(entry, attempts, end),
    marks: entry.finishedAt === null ? [] : [{ at: entry.finishedAt, tone, shape, label: word }],
  };
}

function detailOf(entry: EntryView, end: number): string {
  const attempt = entry.tries > 1 ? ` at attempt ${entry.tries}` : "";
  if (entry.state === "delivered") return `${attempt} after ${durationWords(Math.max(0, end - entry.createdAt))}`;
  const why = entry.cause ?? entry.waitReason;
  return why === null ? attempt : `: ${reasonWords(why)}${attempt}`;
}

function segmentsOf(entry: EntryView, attempts: readonly AttemptView[], end: number): Segment[] {
  const segments: Segment[] = [];
  let reached = entry.createdAt;
  attempts.forEach((attempt, at) => {
    // An attempt's time is when it was made; its duration ends with the answer.
    const from = Math.max(reached, attempt.at);
    const to = Math.max(from, attempt.at + attempt.duration);
    if (from > reached) segments.push(waitSegment(at === 0 ? "queued" : "waiting", reached, from));
    const failed = attempt.status === null || attempt.status >= 300;
    const said = attempt.status === null ? (attempt.error ?? "no answer") : String(attempt.status);
    segments.push({
      kind: "attempt",
      from,
      to,
      failed,
      label: `Attempt ${at + 1}: ${said}, ${durationWords(attempt.duration)}`,
    });
    reached = to;
  });
  if (end > reached && entry.state !== "delivered")
    segments.push(waitSegment(attempts.length === 0 ? "queued" : "waiting", reached, end));
  else if (attempts.length === 0 && end > reached) segments.push(waitSegment("queued", reached, end));
  return segments;
}

const waitSegment = (kind: "queued" | "waiting", from: number, to: number): Segment => ({
  kind,
  from,
  to,
  failed: false,
  label: `${kind === "queued" ? "Queued" : "Waiting for the next attempt"} ${durationWords(to - from)}`,
});

/** Milliseconds below which all is drawn at one place. */
const FINEST = 2;

/**
 * Where a time stands between the start and the end, from 0 to 1. Each tenfold gets the same width, so that an
 * attempt of 40 ms can be read beside a wait of an hour.
 */
export function placeOf(at: number, { from, to }: { from: number; to: number }): number {
  if (to <= from) return 0;
  const scale = (ms: number): number => Math.log1p(Math.max(0, ms) / FINEST);
  return scale(at - from) / scale(to - from);
}

const STEPS = [10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 86_400_000, 864_000_000];

/** Times after the start that the scale names. */
export const ticksOf = ({ from, to }: { from: number; to: number }): number[] =>
  STEPS.filter((step) => step < (to - from) * 0.8);
