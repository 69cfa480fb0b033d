import { LatencyRecorder } from "../measure/latency.ts";
import type { Answer, Posting } from "./posting.ts";
import type { Sent } from "./sending.ts";

/** A run with so many failures has nothing to say, and its retries would only burn the machine. */
const MOST_FAILURES = 1_000;

/** Counts what becomes of the requests of a run. */
export class Tally {
  readonly #posting: Posting;
  readonly #answers = new Map<string, number>();
  readonly #latency = new LatencyRecorder();
  #failures = 0;
  accepted = 0;
  measured = 0;
  posted = 0;
  /** Whether answers count for the measured part now. */
  measuring = false;

  constructor(posting: Posting) {
    this.#posting = posting;
  }

  /** True when it makes no sense to go on. */
  get hopeless(): boolean {
    return this.#failures >= MOST_FAILURES;
  }

  answered(answer: Answer, latencyMs: number): void {
    const accepted = this.#posting.accepted(answer);
    this.#count(String(answer.status));
    if (accepted === 0) this.#failures++;
    this.accepted += accepted;
    if (!this.measuring) return;
    this.measured += accepted;
    this.#latency.record(latencyMs);
  }

  failed(error: Error): void {
    this.#failures++;
    this.#count("code" in error ? String(error.code) : error.message);
  }

  summary(): Pick<Sent, "posted" | "accepted" | "measured" | "answers" | "latency"> {
    const { posted, accepted, measured } = this;
    return { posted, accepted, measured, answers: Object.fromEntries(this.#answers), latency: this.#latency.summary() };
  }

  #count(answer: string): void {
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
  }
}
