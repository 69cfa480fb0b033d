import { createORPCClient, ORPCError } from "@orpc/client";
import { needsAPerson } from "../../shared/console-close.ts";
import type { ConsoleClient } from "../../shared/contract/index.ts";
import type { Closing, OpenTransport, Transport } from "./transport.ts";

/** How the line to the hub is. `retryAt`: when it is tried again, by this machine's clock; `code` as in Closing. */
export type ConnectionState =
  | { readonly phase: "connecting" }
  | { readonly phase: "connected"; readonly times: number }
  | ({ readonly phase: "reconnecting"; readonly retryAt: number; readonly failures: number } & Closing);

const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
/** Between tries where a person has to do something first. */
const SLOW_WAIT = 60_000;

/** How long to wait before another try: doubling, with up to a quarter of chance. `chance` is in [0, 1). */
export const waitBefore = (failures: number, chance: number): number =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures) * (1 - chance / 4);

const LOST = "The connection to the hub was lost before it answered.";

type Feed = AsyncIterator<unknown> & AsyncIterable<unknown>;

const isFeed = (output: unknown): output is Feed =>
  typeof output === "object" && output !== null && Symbol.asyncIterator in output && "next" in output;

/** The same live call, with what breaks it told in another way. */
function telling(feed: Feed, told: (error: unknown) => unknown): Feed {
  return {
    next: () =>
      feed.next().catch((error: unknown) => {
        throw told(error);
      }),
    return: (value) => feed.return?.(value) ?? Promise.resolve({ done: true, value }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface ConnectionClock {
  now(): number;
  chance(): number;
  after(ms: number, run: () => void): () => void;
}

/** Keeps a line to one hub for as long as it is wanted; calls made while there is none wait for the next. */
export class Connection {
  readonly client: ConsoleClient;
  state: ConnectionState = { phase: "connecting" };
  readonly #listeners = new Set<() => void>();
  #transport: Transport | null = null;
  #waiting: (() => void)[] = [];
  #cancelWait: () => void = () => {};
  #failures = 0;
  #times = 0;
  #ended = false;

  constructor(
    readonly hub: string,
    private readonly open: OpenTransport,
    private readonly clock: ConnectionClock,
  ) {
    this.client = createORPCClient<ConsoleClient>({
      call: async (path, input, options) => {
        const transport = await this.#ready(options.signal);
        // What the hub itself says is a sentence already; what else goes wrong on the way is the line's.
        const told = (error: unknown): unknown =>
          error instanceof ORPCError || options.signal?.aborted === true ? error : new Error(LOST, { cause: error });
        try {
          const output = await transport.link.call(path, input, options);
          return isFeed(output) ? telling(output, told) : output;
        } catch (error) {
          throw told(error);
        }
      },
    });
    this.#try();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ConnectionState => this.state;

  /** Does not wait any longer. */
  readonly tryNow = (): void => {
    if (this.state.phase === "reconnecting") this.#try();
  };

  end(): void {
    this.#ended = true;
    this.#cancelWait();
    this.#transport?.close();
  }

  #try(): void {
    this.#cancelWait();
    const transport = this.open(this.hub);
    this.#transport = transport;
    let gone = false;
    const lost = ({ code, reason }: Closing): void => {
      if (gone || this.#ended) return;
      gone = true;
      transport.close();
      const wait = needsAPerson(code) ? SLOW_WAIT : waitBefore(this.#failures, this.clock.chance());
      this.#failures += 1;
      this.#cancelWait = this.clock.after(wait, () => this.#try());
      this.#set({ phase: "reconnecting", retryAt: this.clock.now() + wait, failures: this.#failures, code, reason });
    };
    this.#usable(transport).then(
      () => {
        if (gone || this.#ended) return;
        this.#failures = 0;
        this.#times += 1;
        this.#set({ phase: "connected", times: this.#times });
        for (const go of this.#waiting.splice(0)) go();
      },
      (error: unknown) => lost({ code: 0, reason: error instanceof Error ? error.message : String(error) }),
    );
    void transport.closed.then(lost);
  }

  /**
   * Waits until messages can pass. The line to a hub elsewhere ends at this console's own hub, which takes it before it
   * knows whether the other lets it in: it is good when something was answered.
   */
  async #usable(transport: Transport): Promise<void> {
    await transport.opened;
    if (this.hub === "local") return;
    await transport.link.call(["hub", "about"], undefined, { context: {} }).then(undefined, () => {});
  }

  async #ready(signal: AbortSignal | undefined): Promise<Transport> {
    while (this.state.phase !== "connected" || this.#transport === null) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    return this.#transport;
  }

  #set(state: ConnectionState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
