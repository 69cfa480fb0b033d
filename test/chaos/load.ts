import { setTimeout as sleep } from "node:timers/promises";
import type { HubClient } from "../support/hub-client.ts";

/** How long a sender waits before it tries again, in milliseconds: twice as long each time, as SDKs do, only faster. */
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 160;

/** What the senders were told of one event. */
export interface Sent {
  readonly id: string;
  /** Where `accepted` said it stands in the log; null when the answer that came first was that it is a duplicate. */
  readonly seq: number | null;
  readonly tries: number;
}

/** Senders with ids of their own, each of which tries one event until the hub has answered for it. */
export class Load {
  readonly sent = new Map<string, Sent>();
  /** Requests that got no answer, or one that says to try again. */
  failures = 0;
  duplicates = 0;
  readonly unexpected: string[] = [];
  readonly #client: HubClient;
  readonly #senders: Promise<void>[];
  #stopping = false;
  #abandoned = false;
  #next = 0;

  constructor(client: HubClient, senders: number) {
    this.#client = client;
    this.#senders = Array.from({ length: senders }, () => this.#send());
  }

  /** Lets every sender finish the event it is at, which needs a hub that answers. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#senders);
  }

  /** Breaks off: what the senders are at is given up, whether the hub answers or not. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    await this.stop();
  }

  async #send(): Promise<void> {
    while (!this.#stopping) {
      const id = `event-${this.#next++}`;
      for (let tries = 1; !this.sent.has(id) && !this.#abandoned; tries++) await this.#attempt(id, tries);
    }
  }

  async #attempt(id: string, tries: number): Promise<void> {
    try {
      const answer = await this.#client.post({ id });
      if (answer.outcome === "accepted" || answer.outcome === "duplicate_ignored") {
        if (answer.outcome === "duplicate_ignored") this.duplicates++;
        if (answer.outcome === "duplicate_ignored" && tries === 1)
          this.unexpected.push(`${id} was called a duplicate at the first try`);
        this.sent.set(id, { id, seq: answer.seq, tries });
        return;
      }
      // A hub without its database has one thing to say.
      if (answer.status !== 503) this.unexpected.push(`${id} was answered ${answer.status} ${answer.outcome}`);
      if (answer.retryAfter === null) this.unexpected.push(`${id} was answered ${answer.status} without Retry-After`);
    } catch {
      // The hub is not there, or was killed under the request: what became of the event is not known.
    }
    this.failures++;
    await sleep(Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS));
  }
}
