import { Pool } from "undici";
import { now } from "../measure/clock.ts";
import { LatencyRecorder } from "../measure/latency.ts";
import type { Mark } from "../processes/serve.ts";
import { EventSource } from "./events.ts";
import { type Answer, AnswerHandler, Posting } from "./posting.ts";
import type { OpenRun, Sent } from "./sending.ts";
import { Tally } from "./tally.ts";

/** See SEND_OPEN. */
export async function sendOpen(run: OpenRun, mark: Mark): Promise<Sent> {
  const posting = new Posting(run.target, run.batch);
  const pool = new Pool(posting.origin, { connections: run.connections, pipelining: 1 });
  try {
    mark("begin");
    const sent = await new OpenLoop(run, posting, pool).send();
    mark("end");
    return sent;
  } finally {
    await pool.destroy();
  }
}

class OpenLoop {
  readonly #run: OpenRun;
  readonly #posting: Posting;
  readonly #pool: Pool;
  readonly #events: EventSource;
  readonly #tally: Tally;
  readonly #late = new LatencyRecorder();
  #next = 0;
  #startedAt = 0;
  #made = 0;
  #scheduledAt = 0;
  #open = 0;
  #finish: () => void = () => undefined;

  constructor(run: OpenRun, posting: Posting, pool: Pool) {
    this.#run = run;
    this.#posting = posting;
    this.#pool = pool;
    this.#events = new EventSource(run.run, run.ids);
    this.#tally = new Tally(posting);
    this.#tally.measuring = true;
  }

  async send(): Promise<Sent> {
    this.#startedAt = now();
    await new Promise<void>((finish) => {
      this.#finish = finish;
      this.#sendDue();
    });
    const seconds = (now() - this.#startedAt) / 1_000;
    return { ...this.#tally.summary(), seconds, firstSentAt: this.#startedAt, late: this.#late.summary() };
  }

  answered(answer: Answer, scheduledAt: number): void {
    this.#tally.answered(answer, now() - scheduledAt);
    this.#close();
  }

  failed(error: Error): void {
    this.#tally.failed(error);
    this.#close();
  }

  readonly #make = (): string => this.#events.make(this.#made++, this.#scheduledAt);

  /** Sends what is due, all of it when the timer came late, and waits until the next is. */
  readonly #sendDue = (): void => {
    const { batch, perSecond, events } = this.#run;
    const interval = (1_000 * batch) / perSecond;
    for (; this.#made < events && !this.#tally.hopeless; this.#next++) {
      this.#scheduledAt = this.#startedAt + this.#next * interval;
      const wait = this.#scheduledAt - now();
      if (wait > 0) {
        setTimeout(this.#sendDue, wait);
        return;
      }
      this.#late.record(-wait);
      this.#tally.posted += batch;
      this.#open++;
      const body = this.#posting.body(this.#make);
      this.#pool.dispatch(this.#posting.request(body), new Request(this, this.#scheduledAt, this.#posting.readsBodies));
    }
    if (this.#open === 0) this.#finish();
  };

  #close(): void {
    this.#open--;
    if (this.#open === 0 && (this.#made >= this.#run.events || this.#tally.hopeless)) this.#finish();
  }
}

class Request extends AnswerHandler {
  readonly #loop: OpenLoop;
  readonly #scheduledAt: number;

  constructor(loop: OpenLoop, scheduledAt: number, readsBody: boolean) {
    super(readsBody);
    this.#loop = loop;
    this.#scheduledAt = scheduledAt;
  }

  override answered(answer: Answer): void {
    this.#loop.answered(answer, this.#scheduledAt);
  }

  override failed(error: Error): void {
    this.#loop.failed(error);
  }
}
