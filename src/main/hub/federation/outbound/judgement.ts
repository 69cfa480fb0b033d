import {
  type BreakerOutcome,
  classifyResponse,
  nextAttempt,
  parseRetryAfter,
  type ResponseClass,
  type RetryPolicy,
  showsHealth,
  type Verdict,
} from "../../../../shared/rules/index.ts";
import type { Attempt } from "../../store/attempts.ts";
import { type BatchFate, readBatch, readSingle } from "./answers.ts";
import { cleanText, type Exchange, recordAttempt } from "./attempt-record.ts";
import type { Group, LaneEntry } from "./lane-entry.ts";
import { abandoned, dead, delivered, type LaneOutcome, postponed } from "./outcomes.ts";

/** What an exchange with a peer comes to. */
export interface Judgement {
  readonly attempt: Attempt;
  readonly outcomes: readonly LaneOutcome[];
  /** Groups to send again at once: the halves of a refused batch, or its events one by one. */
  readonly again: readonly Group[];
  /** What the breaker learns from it; null when it says nothing about the peer's health. */
  readonly breaker: Extract<BreakerOutcome, { kind: "success" | "failure" }> | null;
  /** The peer takes no batches, whatever it announced. */
  readonly refusesBatches: boolean;
  /** The peer asked to be left alone this long, all of it. Milliseconds. */
  readonly throttleMs: number | null;
  /** The peer is gone (410). */
  readonly gone: boolean;
  /** An entry came to the end of its schedule. */
  readonly exhausted: boolean;
}

export interface JudgementContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: () => number;
  readonly policy: RetryPolicy;
  /** Why nothing is wanted at this peer any more, when that is so: what was not delivered is not tried again. */
  readonly ended: string | null;
}

/** Statuses by which a server says that it does not know batches. */
const NO_BATCHES = new Set([404, 405, 415, 501]);
/** Statuses whose Retry-After is about the peer as a whole. */
const THROTTLES = new Set([429, 503]);

/** Characters of an error that are kept with every entry of the request. */
const KEPT_OF_ERROR = 300;

/** Decides what becomes of the entries of a request, by the peer's answer or the lack of it. */
export function judge(exchange: Exchange, context: JudgementContext): Judgement {
  const { answer, group } = exchange;
  const { status } = answer;
  const batch = group.entries.length > 1;
  const classified = classifyResponse(status, group.entries.length);
  const fates = batch && classified.verdict === "delivered" ? readBatch(answer, eventsOf(group)) : undefined;
  if (batch && (fates === null || (status !== null && NO_BATCHES.has(status))))
    return singly(exchange, classified, fates === null);

  const retryAfterMs = readRetryAfter(exchange, context.now);
  const error = errorOf(exchange, classified);
  const { verdict } = classified;
  const reason = answer.failure?.kind ?? classified.reason;
  const partial = fates?.some(({ fate }) => fate !== "delivered") ?? false;
  const attempt = recordAttempt(exchange, partial ? "partial" : verdict, reason, error);
  const made: Made = { attempt, attempts: [...group.attempts, attempt.id], context, retryAfterMs };

  const { outcomes, again, exhausted } =
    fates === undefined || fates === null ? whole(exchange, made, verdict, reason) : piecewise(exchange, made, fates);
  return {
    attempt,
    outcomes,
    again,
    breaker: breakerOutcome(verdict, error ?? reason, retryAfterMs),
    refusesBatches: false,
    throttleMs: status !== null && THROTTLES.has(status) ? retryAfterMs : null,
    gone: verdict === "pause",
    exhausted,
  };
}

interface Made {
  readonly attempt: Attempt;
  readonly attempts: readonly string[];
  readonly context: JudgementContext;
  readonly retryAfterMs: number | null;
}

interface Fates {
  readonly outcomes: readonly LaneOutcome[];
  readonly again: readonly Group[];
  readonly exhausted: boolean;
}

/** One fate for all entries of the request. */
function whole({ answer, group }: Exchange, made: Made, verdict: Verdict, reason: string): Fates {
  const { entries } = group;
  const { attempts, attempt, context } = made;
  const { error } = attempt;
  switch (verdict) {
    case "delivered":
      return only([delivered(entries, attempts, readSingle(answer))]);
    case "dead":
      return only([dead(entries, attempts, "refused", reason, error)]);
    case "split": {
      const half = Math.ceil(entries.length / 2);
      const halves = [entries.slice(0, half), entries.slice(half)].map((part) => ({ entries: part, attempts }));
      return { outcomes: [], again: halves, exhausted: false };
    }
    case "pause":
      if (context.ended !== null) return only([abandoned(entries, attempts, context.ended, error)]);
      for (const entry of entries) entry.availableAt = context.now;
      return only([postponed(entries, attempts, "peer_paused", error)]);
    case "retry":
      return postpone(entries, made, error);
  }
}

/** A fate for each entry, as the answer to the batch says. */
function piecewise({ group, secrets }: Exchange, made: Made, fates: readonly BatchFate[]): Fates {
  const outcomes: LaneOutcome[] = [];
  const deliveredBy = new Map<string, LaneEntry[]>();
  const waiting = new Map<string, LaneEntry[]>();
  group.entries.forEach((entry, index) => {
    const fate = fates[index];
    if (fate === undefined) return;
    if (fate.fate === "delivered") listAt(deliveredBy, fate.result).push(entry);
    else if (fate.fate === "retry") listAt(waiting, cleanText(fate.error, secrets)).push(entry);
    else outcomes.push(dead([entry], made.attempts, "refused", fate.cause, cleanText(fate.error, secrets)));
  });
  for (const [result, entries] of deliveredBy) outcomes.push(delivered(entries, made.attempts, result));
  let exhausted = false;
  for (const [error, entries] of waiting) {
    const later = postpone(entries, made, error);
    outcomes.push(...later.outcomes);
    exhausted ||= later.exhausted;
  }
  return { outcomes, again: [], exhausted };
}

/** The next attempt of each entry, by its schedule; or its end. */
function postpone(entries: readonly LaneEntry[], made: Made, error: string | null): Fates {
  const { context, attempts, retryAfterMs } = made;
  if (context.ended !== null) return only([abandoned(entries, attempts, context.ended, error)]);
  const waiting = new Map<string, LaneEntry[]>();
  const over: LaneEntry[] = [];
  for (const entry of entries) {
    const ageMs = entry.firstTriedAt === null ? 0 : Math.max(context.now - entry.firstTriedAt, 0);
    const age = { ageMs, attempts: entry.tries + 1 };
    const next = nextAttempt(context.policy, age, context.random(), retryAfterMs);
    if (next.outcome === "give_up") over.push(entry);
    else {
      entry.availableAt = context.now + next.delayMs;
      listAt(waiting, next.cause).push(entry);
    }
  }
  const outcomes = [...waiting].map(([cause, list]) => postponed(list, attempts, cause, error));
  if (over.length > 0) outcomes.push(dead(over, attempts, "given_up", "schedule_ended", error));
  return { outcomes, again: [], exhausted: over.length > 0 };
}

/** The peer does not know batches: the same events, one by one. No attempt is counted. */
function singly(exchange: Exchange, { reason }: ResponseClass, unreadable: boolean): Judgement {
  const error = unreadable
    ? "The peer answered the batch without a result for each event; its events go one by one."
    : `The peer takes no batches (${reason}); its events go one by one.`;
  const attempt = recordAttempt(exchange, "split", unreadable ? "no_results" : reason, error);
  const attempts = [...exchange.group.attempts, attempt.id];
  return {
    attempt,
    outcomes: [],
    again: exchange.group.entries.map((entry) => ({ entries: [entry], attempts })),
    breaker: null,
    refusesBatches: true,
    throttleMs: null,
    gone: false,
    exhausted: false,
  };
}

function readRetryAfter({ answer }: Exchange, now: number): number | null {
  const header = answer.headers["retry-after"];
  return parseRetryAfter(Array.isArray(header) ? header[0] : header, now);
}

function errorOf({ answer, secrets }: Exchange, { verdict, reason }: ResponseClass): string | null {
  if (answer.failure !== null) return cleanText(answer.failure.sentence, secrets);
  if (verdict === "delivered") return null;
  if (reason === "redirect") {
    const to = String(answer.headers["location"] ?? "an address it does not name");
    return cleanText(`The peer answered ${answer.status}, a redirect to ${to}: redirects are not followed.`, secrets);
  }
  const said = answer.body === "" ? "" : `: ${answer.body}`;
  return cleanText(`The peer answered ${answer.status}${said}`, secrets, KEPT_OF_ERROR);
}

function breakerOutcome(verdict: Verdict, cause: string, retryAfterMs: number | null): Judgement["breaker"] {
  if (showsHealth(verdict)) return { kind: "success" };
  return verdict === "pause" ? null : { kind: "failure", cause, retryAfterMs };
}

const only = (outcomes: readonly LaneOutcome[]): Fates => ({ outcomes, again: [], exhausted: false });

function eventsOf(group: Group) {
  return group.entries.flatMap(({ event }) => (event === null ? [] : [event]));
}

function listAt(map: Map<string, LaneEntry[]>, key: string): LaneEntry[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}
