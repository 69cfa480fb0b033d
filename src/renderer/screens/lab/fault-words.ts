import type { Fault } from "../../../shared/lab/index.ts";

type Kind = Fault["kind"];

interface FaultKind {
  readonly kind: Kind;
  readonly label: string;
  /** The number that it takes, with its unit; none for most. */
  readonly number?: { readonly label: string; readonly usual: number; readonly least: number; readonly most: number };
}

export const FAULTS: readonly FaultKind[] = [
  { kind: "down", label: "Down: no connection" },
  { kind: "slow", label: "Slow", number: { label: "Delay, ms", usual: 2_000, least: 1, most: 60_000 } },
  { kind: "status", label: "Answers an error", number: { label: "Status", usual: 500, least: 300, most: 599 } },
  {
    kind: "too_many",
    label: "Answers 429 with Retry-After",
    number: { label: "Retry-After, s", usual: 5, least: 0, most: 3_600 },
  },
  { kind: "wrong_key", label: "Wrong key" },
  { kind: "duplicate", label: "Delivers everything twice" },
  { kind: "reorder", label: "Reorders requests" },
  { kind: "cut", label: "Cuts half way through the body" },
  { kind: "cut_answer", label: "Cuts half way through the answer" },
  {
    kind: "skew",
    label: "Clock is off",
    number: { label: "Skew, ms", usual: 3_600_000, least: -86_400_000, most: 86_400_000 },
  },
];

/** The fault that a form describes. The numbers are within bounds already. */
export function makeFault(kind: Kind, number: number, times: number | null): Fault {
  const often = times === null ? {} : { times };
  switch (kind) {
    case "slow":
    case "skew":
      return { kind, ms: number, ...often };
    case "status":
      return { kind, status: number, ...often };
    case "too_many":
      return { kind, retryAfterSecs: number, ...often };
    default:
      return { kind, ...often };
  }
}

/** A fault in a word or two, for the map. */
export function faultMark(fault: Fault): string {
  switch (fault.kind) {
    case "down":
      return "down";
    case "slow":
      return "slow";
    case "status":
      return `answers ${fault.status}`;
    case "too_many":
      return "answers 429";
    case "wrong_key":
      return "wrong key";
    case "duplicate":
      return "twice";
    case "reorder":
      return "reorders";
    case "cut":
      return "cut";
    case "cut_answer":
      return "answer cut";
    case "skew":
      return "clock off";
  }
}
