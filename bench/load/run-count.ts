import { now } from "../measure/clock.ts";
import { LatencyRecorder } from "../measure/latency.ts";
import { readStamp } from "./events.ts";
import type { Heard } from "./listening.ts";

/** Which events of one run have arrived on which socket, and how long they took. */
export class RunCount {
  readonly #run: string;
  readonly #events: number;
  readonly #wanted: number;
  readonly #seen: Uint8Array;
  readonly #latency = new LatencyRecorder();
  #received = 0;
  #repeated = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(run: string, events: number, sockets: number) {
    this.#run = run;
    this.#events = events;
    this.#wanted = events * sockets;
    this.#seen = new Uint8Array(this.#wanted);
  }

  get complete(): boolean {
    return this.#received === this.#wanted;
  }

  /** When the last event came; 0 before the first. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** @param message whatever came on the socket; what is of another run is left alone */
  take(message: Buffer, socket: number): void {
    const stamp = readStamp(message);
    if (stamp === null || stamp.run !== this.#run) return;
    const at = now();
    const place = socket * this.#events + stamp.n;
    if (this.#seen[place] !== 0) {
      this.#repeated++;
      return;
    }
    this.#seen[place] = 1;
    this.#received++;
    if (this.#firstAt === 0) this.#firstAt = at;
    this.#lastAt = at;
    this.#latency.record(at - stamp.sent);
  }

  heard(closed: readonly string[]): Heard {
    return {
      received: this.#received,
      repeated: this.#repeated,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      latency: this.#latency.summary(),
      closed: [...closed],
    };
  }
}
