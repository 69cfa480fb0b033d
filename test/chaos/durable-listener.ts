import { setTimeout as sleep } from "node:timers/promises";
import type { HubAddress } from "../support/hub-client.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { type EventFrame, StreamClient } from "../support/stream-client.ts";

const RECONNECT_MS = 20;

export interface DurableListenerOptions {
  readonly clientId: string;
  /** Where to connect, each time anew. */
  readonly address: () => HubAddress;
  /** The cursor as it is committed now; null when there is none yet. Rejects while the database is away. */
  readonly committedCursor: () => Promise<number | null>;
  readonly random: SeededRandom;
  /** It vanishes and comes back after about so many events. */
  readonly dropEvery: number;
}

/**
 * A listener with a client id that acknowledges some time after it was told, vanishes now and then, and comes back as
 * long as it runs. It holds the hub to its word: a connection brings every seq after the cursor, in order and without a
 * gap; nothing whose acknowledgement was committed comes again; and an event has the same seq each time.
 */
export class DurableListener {
  readonly seqOf = new Map<string, number>();
  readonly problems: string[] = [];
  readonly #o: DurableListenerOptions;
  #newest = 0;
  #acked: number | null = null;
  #connections = 0;
  #redelivered = 0;
  #running = true;
  #client: StreamClient | null = null;
  readonly #loop: Promise<void>;

  constructor(options: DurableListenerOptions) {
    this.#o = options;
    this.#loop = this.#listen();
  }

  /** The highest seq that it was told. */
  get newest(): number {
    return this.#newest;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Events it was told again, after it had come back. */
  get redelivered(): number {
    return this.#redelivered;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#client?.drop();
    await this.#loop;
  }

  async #listen(): Promise<void> {
    while (this.#running) {
      try {
        const committed = await this.#o.committedCursor();
        await this.#connection(committed);
      } catch {
        // Hub or database are away.
        await sleep(RECONNECT_MS);
      }
    }
  }

  async #connection(committed: number | null): Promise<void> {
    const { address, clientId, random, dropEvery } = this.#o;
    const mayMiss = this.#acked ?? committed;
    let previous: number | null = null;
    // Acknowledgements of an earlier connection may have been lost with it.
    let acked = committed ?? 0;
    let untilDrop = random.between(1, dropEvery * 2);
    let untilAck = random.between(1, 60);
    const onEvent = ({ seq, event }: EventFrame, client: StreamClient): void => {
      if (previous === null) this.#first(seq, committed, mayMiss);
      else if (seq !== previous + 1) this.problems.push(`seq ${seq} came after ${previous}`);
      previous = seq;
      const isNew = seq > this.#newest;
      if (!isNew) this.#redelivered++;
      this.#newest = Math.max(this.#newest, seq);
      const known = this.seqOf.get(event.id);
      if (known !== undefined && known !== seq) this.problems.push(`${event.id} had seq ${known} and now ${seq}`);
      this.seqOf.set(event.id, seq);
      if (--untilAck === 0) {
        untilAck = random.between(1, 60);
        // Not what has just come, but what a slow handler would be done with by now.
        const done = seq - random.between(0, 20);
        if (done > acked) {
          acked = done;
          this.#acked = Math.max(this.#acked ?? 0, done);
          client.ack(done);
        }
      }
      // Only what is new counts: whatever happens to its acknowledgements, it gets further with every connection.
      if (isNew && --untilDrop === 0) void client.drop();
    };
    this.#client = await StreamClient.open(address(), { clientId, onEvent });
    this.#connections++;
    if (!this.#running) await this.#client.drop();
    await this.#client.closed;
  }

  #first(seq: number, committed: number | null, mayMiss: number | null): void {
    if (committed !== null && seq <= committed)
      this.problems.push(`seq ${seq} came again although the acknowledgement of ${committed} was committed`);
    if (mayMiss !== null && seq > mayMiss + 1)
      this.problems.push(`the connection began at seq ${seq}, but only ${mayMiss} had been acknowledged`);
  }
}
