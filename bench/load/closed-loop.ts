import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { now } from "../measure/clock.ts";
import type { Mark } from "../processes/serve.ts";
import { EventSource } from "./events.ts";
import { type Answer, AnswerHandler, Posting } from "./posting.ts";
import type { ClosedRun, Sent } from "./sending.ts";
import { Tally } from "./tally.ts";

/** See SEND_CLOSED. */
export async function sendClosed(run: ClosedRun, mark: Mark): Promise<Sent> {
  const loop = new ClosedLoop(run);
  try {
    await loop.connect();
    const firstSentAt = now();
    const finished = loop.start();
    if (run.warmupMs > 0) await sleep(run.warmupMs);
    mark("begin");
    const began = now();
    loop.tally.measuring = true;
    await ("ms" in run.until ? Promise.race([sleep(run.until.ms), finished]) : finished);
    const seconds = (now() - began) / 1_000;
    loop.tally.measuring = false;
    mark("end");
    loop.stopped = true;
    await finished;
    return { ...loop.tally.summary(), seconds, firstSentAt };
  } finally {
    await loop.close();
  }
}

class ClosedLoop {
  readonly tally: Tally;
  stopped = false;
  readonly #run: ClosedRun;
  readonly #posting: Posting;
  readonly #events: EventSource;
  readonly #clients: Client[];
  #made = 0;

  constructor(run: ClosedRun) {
    this.#run = run;
    this.#posting = new Posting(run.target, run.batch);
    this.#events = new EventSource(run.run, run.ids);
    this.tally = new Tally(this.#posting);
    this.#clients = Array.from({ length: run.inFlight }, () => new Client(this.#posting.origin, { pipelining: 1 }));
  }

  /** Opens every connection, so that the measured requests find them open. */
  async connect(): Promise<void> {
    await Promise.all(
      this.#clients.map(async (client) => {
        const { body } = await client.request({ method: "GET", path: "/health" });
        await body.dump();
      }),
    );
  }

  /** Keeps every connection busy; resolves when there is nothing left to send and the last answer is there. */
  async start(): Promise<void> {
    await Promise.all(
      this.#clients.map((client) => new Promise<void>((done) => new Slot(this, client, this.#posting, done).send())),
    );
  }

  /** The next request's body; null when there is none. */
  next(): string | null {
    const { until, batch } = this.#run;
    if (this.stopped || this.tally.hopeless || ("events" in until && this.#made >= until.events)) return null;
    this.tally.posted += batch;
    return this.#posting.body(this.#make);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.destroy()));
  }

  readonly #make = (): string => this.#events.make(this.#made++);
}

/** One connection: posts the next request as soon as the last one was answered. */
class Slot extends AnswerHandler {
  readonly #loop: ClosedLoop;
  readonly #client: Client;
  readonly #posting: Posting;
  readonly #done: () => void;
  #sentAt = 0;

  constructor(loop: ClosedLoop, client: Client, posting: Posting, done: () => void) {
    super(posting.readsBodies);
    this.#loop = loop;
    this.#client = client;
    this.#posting = posting;
    this.#done = done;
  }

  send(): void {
    const body = this.#loop.next();
    if (body === null) {
      this.#done();
      return;
    }
    this.#sentAt = now();
    this.#client.dispatch(this.#posting.request(body), this);
  }

  override answered(answer: Answer): void {
    this.#loop.tally.answered(answer, now() - this.#sentAt);
    this.send();
  }

  override failed(error: Error): void {
    this.#loop.tally.failed(error);
    // Not at once: a connection that was refused would be tried again thousands of times in a second.
    setTimeout(() => this.send(), 10);
  }
}
