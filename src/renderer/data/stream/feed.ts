import { ORPCError } from "@orpc/client";
import type { ConsoleClient, PeerRef, StreamMessage } from "../../../shared/contract/index.ts";
import { follow } from "../follow.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** Rows that a first snapshot is asked for. */
const SNAPSHOT = 500;

/** What happened to the buffer since the last time: new items, and rows whose outcomes are others now. */
export interface Change {
  readonly cleared: boolean;
  readonly changed: readonly number[];
}

/**
 * The live events of one hub, held outside React. Messages are taken at once; who listens is told in the next frame that
 * is free for it, however many came.
 */
export class EventFeed {
  readonly buffer: RingBuffer;
  /** The peers that numbers in rows and outcomes mean. */
  peers: readonly PeerRef[] = [];
  /** The newest seq and the oldest that the hub holds. */
  head = 0;
  oldest = 0;
  /** False until the first snapshot is here. */
  started = false;
  error: unknown = null;
  version = 0;
  readonly #listeners = new Set<(change: Change) => void>();
  #changed = new Set<number>();
  #cleared = false;
  #told = true;

  constructor(
    private readonly frame: (run: () => void) => void,
    capacity?: number,
  ) {
    this.buffer = new RingBuffer(capacity);
  }

  /** Follows the hub until the signal is aborted; after a break it goes on where it stood. */
  run(client: ConsoleClient, signal: AbortSignal, pause: () => Promise<void>): Promise<void> {
    return follow(
      (at) => client.events.stream({ after: this.buffer.lastSeq || null, snapshot: SNAPSHOT }, { signal: at }),
      (message) => this.take(message),
      signal,
      pause,
      (error) => {
        // That the line is lost is said over the screen, and takes nothing from what is here.
        if (!(error instanceof ORPCError)) return;
        this.error = error;
        this.#tell();
      },
    );
  }

  take(message: StreamMessage): void {
    this.error = null;
    switch (message.kind) {
      case "snapshot":
        this.#takeSnapshot(message);
        break;
      case "rows":
        for (const row of message.rows) this.buffer.push(row);
        this.head = Math.max(this.head, this.buffer.lastSeq);
        break;
      case "outcomes":
        for (const { seq, ...outcome } of message.outcomes) {
          const ordinal = this.buffer.setOutcome(seq, outcome);
          if (ordinal !== undefined) this.#changed.add(ordinal);
        }
        break;
      case "gap":
        this.buffer.pushGap(message);
        break;
    }
    this.#tell();
  }

  readonly onChange = (listener: (change: Change) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #takeSnapshot({ rows, head, oldest, peers }: Extract<StreamMessage, { kind: "snapshot" }>): void {
    const { buffer } = this;
    // A log that ends before what is here is another log: the hub's data was replaced.
    if (head < buffer.lastSeq) {
      buffer.clear();
      this.#cleared = true;
    }
    // Fewer than were asked for: older ones in the log are none of this team's.
    const all = buffer.lastSeq === 0 && rows.length < SNAPSHOT;
    const firstNew = rows.find(({ seq }) => seq > buffer.lastSeq);
    const joins = buffer.lastSeq === 0 || rows.some(({ seq }) => seq <= buffer.lastSeq);
    if (firstNew !== undefined && !joins && firstNew.seq > buffer.lastSeq + 1)
      buffer.pushGap({ from: buffer.lastSeq + 1, to: firstNew.seq - 1, reason: "reconnected" });
    for (const row of rows) {
      if (buffer.push(row)) continue;
      for (const outcome of row.outcomes) {
        const ordinal = buffer.setOutcome(row.seq, outcome);
        if (ordinal !== undefined) this.#changed.add(ordinal);
      }
    }
    this.head = head;
    this.oldest = all ? (rows[0]?.seq ?? head + 1) : oldest;
    this.peers = peers;
    this.started = true;
  }

  #tell(): void {
    if (!this.#told) return;
    this.#told = false;
    this.frame(() => {
      this.#told = true;
      this.version += 1;
      const change = { cleared: this.#cleared, changed: [...this.#changed] };
      this.#changed = new Set();
      this.#cleared = false;
      for (const listener of this.#listeners) listener(change);
    });
  }
}
