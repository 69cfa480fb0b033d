import { announcedInstanceId } from "./answers.ts";
import type { Exchange } from "./attempt-record.ts";
import type { Judgement } from "./judgement.ts";
import type { LaneBatching } from "./lane-batching.ts";
import type { LaneGate } from "./lane-gate.ts";
import type { LaneOptions } from "./lane-ports.ts";

/** What a lane learns about its peer from the peer's answers: for its gate and its batches, and for others to show. */
export class LaneHearing {
  readonly #o: Pick<LaneOptions, "breaker" | "onHeard" | "onAnnounce" | "onPause">;
  readonly #gate: LaneGate;
  readonly #batches: LaneBatching;
  #lastSuccessAt: number | null = null;
  #lastFailureAt: number | null = null;

  constructor(
    options: Pick<LaneOptions, "breaker" | "onHeard" | "onAnnounce" | "onPause">,
    gate: LaneGate,
    batches: LaneBatching,
  ) {
    this.#o = options;
    this.#gate = gate;
    this.#batches = batches;
  }

  /** Milliseconds since the epoch; null before the first. */
  get lastSuccessAt(): number | null {
    return this.#lastSuccessAt;
  }

  /** Milliseconds since the epoch; null before the first. */
  get lastFailureAt(): number | null {
    return this.#lastFailureAt;
  }

  /**
   * @param takesBatches the peer is known to take batches already
   * @returns true when the peer has recovered: what waits for its next try need not wait any longer
   */
  take(exchange: Exchange, judgement: Judgement, takesBatches: boolean, now: number): boolean {
    const { answer } = exchange;
    const instanceId = announcedInstanceId(answer);
    const succeeded = judgement.breaker?.kind === "success";
    if (succeeded) this.#lastSuccessAt = now;
    else this.#lastFailureAt = now;
    const { date } = answer.headers;
    this.#o.onHeard({
      cause: succeeded ? null : (judgement.attempt.error ?? judgement.attempt.reason),
      instanceId,
      date: typeof date === "string" ? date : null,
      sentAt: exchange.at,
      receivedAt: now,
    });
    if (judgement.refusesBatches) this.#batches.refused(now);
    else if (this.#batches.learn(answer) && !takesBatches) this.#o.onAnnounce({ batches: true, instanceId });
    if (judgement.throttleMs !== null && judgement.throttleMs > 0)
      this.#gate.hold(now + Math.min(judgement.throttleMs, this.#o.breaker.maxProbeDelayMs), "retry_after");
    if (judgement.gone && this.#gate.close())
      this.#o.onPause("The peer answered 410 Gone: it does not want events any more.");
    return judgement.breaker !== null && this.#gate.learn(judgement.breaker, now);
  }
}
