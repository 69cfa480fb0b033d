import { type PeerPolicy, unconfirmedId } from "../../../../shared/rules/index.ts";
import { HubError } from "../../errors.ts";
import type { Acceptor, Peer } from "../../model.ts";
import type { GapReason } from "../../store/pull-links.ts";
import { acceptEach, type Refusal, type RefusalSink } from "../inbound/index.ts";
import type { Resolve } from "../outbound/index.ts";
import { askRecent } from "./ask-peer.ts";
import { findHole } from "./hole.ts";
import { LinkError, toLinkError } from "./link-error.ts";
import { type PullRules, readPulled } from "./pulled-event.ts";
import type { ServerFrame, StreamedEvent } from "./server-frames.ts";
import { type StreamAddress, StreamSocket } from "./stream-socket.ts";

/** A link's settings, its key in the clear. */
export interface PullSettings {
  readonly streamUrl: string;
  readonly remoteTeam: string;
  readonly apiKey: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
}

/** Where a link stands in the peer's log. */
export interface PullPosition {
  /** Everything up to this seq of the peer's is committed here; null before the first connection. */
  readonly cursor: number | null;
  /** The newest seq the peer has told of. */
  readonly remoteSeq: number | null;
}

/** What a pull link needs of the hub around it. */
export interface PullPorts {
  readonly instanceId: string;
  readonly userAgent: string;
  readonly acceptor: Acceptor;
  readonly refusals: RefusalSink;
  readonly now: () => number;
  readonly random: () => number;
  readonly resolve?: Resolve;
  /** The peer as the registry has it now; undefined when it is gone. */
  readonly peer: () => Peer | undefined;
  /** Keeps the position. @returns false when another hub holds the link's lease by now @throws the database's error */
  readonly save: (position: { cursor: number; remoteSeq: number }, back: boolean) => Promise<boolean>;
  readonly gap: (gap: { from: number; to: number | null; reason: GapReason }) => Promise<void>;
  /** Who answers at the peer's address, where it says so. @throws LinkError `replaced` when it is not the one we know */
  readonly identify: () => Promise<void>;
  readonly onUp: () => void;
  readonly onDown: (error: LinkError) => void;
}

/** How a link is at this moment. Times are milliseconds since the epoch. */
export interface PullSnapshot extends PullPosition {
  readonly phase: "connecting" | "reading" | "waiting" | "stopped";
  readonly error: { readonly code: string; readonly sentence: string } | null;
  /** When the next try is due, while waiting. */
  readonly retryAt: number | null;
  readonly connectedSince: number | null;
  /** Events stored over this link since the hub started; duplicates are not among them. */
  readonly stored: number;
}

const BATCH_EVENTS = 256;
/** So long the first event of a resumed stream may take before we look whether the peer passes something over. */
const RESUME_MS = 2_000;
const RECENT_LIMIT = 1_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** Where only a person can mend it, trying again is only to notice that somebody did. */
const PERSON_RETRY_MS = 120_000;
const PROBE_MS = 3_000;

/**
 * Reads one peer's stream as long as it runs: every event goes through the one accept path with the peer's id appended
 * to its chain, and is acknowledged once it is committed here. After any interruption it goes on from its cursor, and
 * looks whether the peer did too.
 */
export class PullLink {
  readonly settings: PullSettings;
  readonly #o: PullPorts;
  #position: PullPosition;
  #socket: StreamSocket | null = null;
  #phase: PullSnapshot["phase"] = "connecting";
  #error: LinkError | null = null;
  #failures = 0;
  #retryAt: number | null = null;
  #connectedSince: number | null = null;
  #stored = 0;
  #stopped = false;
  #hurry: (() => void) | null = null;
  readonly #running: Promise<void>;

  constructor(settings: PullSettings, position: PullPosition, ports: PullPorts) {
    this.settings = settings;
    this.#position = position;
    this.#o = ports;
    this.#running = this.#run();
  }

  snapshot(): PullSnapshot {
    return {
      ...this.#position,
      phase: this.#phase,
      error: this.#error === null ? null : { code: this.#error.code, sentence: this.#error.message },
      retryAt: this.#retryAt,
      connectedSince: this.#connectedSince,
      stored: this.#stored,
    };
  }

  /** The network has changed, or somebody wants to know: tries at once, and asks an open connection for a sign of life. */
  hurry(): void {
    this.#failures = 0;
    this.#socket?.probe(PROBE_MS);
    this.#hurry?.();
  }

  /** Ends it; what is being committed is still committed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#socket?.close();
    this.#hurry?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    // The caller has its link before anything is told about it.
    await Promise.resolve();
    while (!this.#stopped) {
      try {
        await this.#session();
      } catch (error) {
        if (!this.#stopped) await this.#fail(error);
      }
    }
    this.#phase = "stopped";
  }

  async #fail(error: unknown): Promise<void> {
    const failed =
      error instanceof HubError
        ? new LinkError("store", `Events cannot be stored here now: ${error.message}`)
        : toLinkError(error);
    this.#error = failed;
    this.#o.onDown(failed);
    const most = failed.needsPerson ? PERSON_RETRY_MS : MAX_RETRY_MS;
    const base = failed.needsPerson ? MAX_RETRY_MS : FIRST_RETRY_MS;
    const wait = Math.min(base * 2 ** Math.min(this.#failures++, 10), most) * (0.8 + 0.4 * this.#o.random());
    this.#phase = "waiting";
    this.#retryAt = this.#o.now() + wait;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopped) this.#hurry();
    });
    this.#hurry = null;
    this.#retryAt = null;
  }

  /** One connection, from its opening to its end. @throws whatever ends it */
  async #session(): Promise<void> {
    this.#phase = "connecting";
    await this.#o.identify();
    if (this.#stopped) return;
    const socket = await StreamSocket.open(this.#address(), () => this.#o.onUp());
    this.#socket = socket;
    try {
      if (this.#stopped) return;
      this.#phase = "reading";
      this.#connectedSince = this.#o.now();
      this.#error = null;
      this.#failures = 0;
      this.#o.onUp();
      await this.#resume(socket);
      for (;;) await this.#frames(socket, await socket.take(BATCH_EVENTS));
    } finally {
      this.#connectedSince = null;
      this.#socket = null;
      socket.close();
    }
  }

  /** Goes on from the cursor, and finds out whether the peer does. */
  async #resume(socket: StreamSocket): Promise<void> {
    const { cursor } = this.#position;
    if (cursor === null) {
      await this.#move(socket.lastSeq, socket.lastSeq);
      return;
    }
    if (socket.lastSeq === cursor) return;
    this.#position = { cursor, remoteSeq: Math.max(socket.lastSeq, cursor) };
    const frames = await socket.take(BATCH_EVENTS, RESUME_MS);
    const first = frames.find((frame) => frame.type === "event");
    const expired = frames.some((frame) => frame.type === "expired");
    if (first?.seq !== cursor + 1 && !expired) await this.#lookForHole(cursor, first?.seq ?? null, socket.lastSeq);
    await this.#frames(socket, frames);
  }

  async #lookForHole(cursor: number, next: number | null, lastSeq: number): Promise<void> {
    const listed = await askRecent(this.#address(), RECENT_LIMIT);
    const newest = listed.at(-1)?.seq;
    if (lastSeq < cursor && (newest === undefined || newest < cursor)) {
      // Another log than the one we read: a backup was restored there, or it was set up anew.
      await this.#o.gap({ from: cursor + 1, to: null, reason: "log_replaced" });
      await this.#accept(listed);
      await this.#move(newest ?? lastSeq, lastSeq, true);
      return;
    }
    const { missed, gap } = findHole(
      cursor,
      next,
      listed.map(({ seq }) => seq),
    );
    if (gap !== null) await this.#o.gap({ ...gap, reason: "not_resumed" });
    const wanted = new Set(missed);
    const found = listed.filter(({ seq }) => wanted.has(seq));
    await this.#accept(found);
    const last = found.at(-1)?.seq;
    if (last !== undefined) await this.#move(last, Math.max(lastSeq, last));
  }

  async #frames(socket: StreamSocket, frames: readonly ServerFrame[]): Promise<void> {
    let events: StreamedEvent[] = [];
    for (const frame of frames) {
      if (frame.type === "event") events.push(frame);
      else if (frame.type === "expired") {
        await this.#commit(socket, events);
        events = [];
        const cursor = this.#position.cursor ?? 0;
        if (frame.oldest > cursor + 1)
          await this.#o.gap({ from: cursor + 1, to: frame.oldest - 1, reason: "cursor_expired" });
      }
    }
    await this.#commit(socket, events);
  }

  /** Stores events, moves the cursor, and acknowledges: in this order, so that nothing acknowledged can be missing. */
  async #commit(socket: StreamSocket, events: readonly StreamedEvent[]): Promise<void> {
    const last = events.at(-1)?.seq;
    if (last === undefined) return;
    const cursor = this.#position.cursor ?? 0;
    await this.#accept(events.filter(({ seq }) => seq > cursor));
    if (last > cursor) await this.#move(last, Math.max(this.#position.remoteSeq ?? 0, last));
    socket.ack(last);
    this.#o.onUp();
  }

  async #accept(events: readonly StreamedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rules = this.#rules();
    const readable = events.flatMap((event) => {
      const read = readPulled(event, rules);
      if (read.ok) return [{ seq: event.seq, candidate: read.candidate }];
      const { reason, evidence, id, source, type } = read;
      this.#refuse(event.seq, rules, { reason, evidence, eventId: id, eventSource: source, eventType: type });
      return [];
    });
    const results = await acceptEach(
      this.#o.acceptor,
      readable.map(({ candidate }) => candidate),
    );
    readable.forEach(({ seq, candidate: { id, source, type } }, index) => {
      const result = results[index];
      if (result instanceof HubError) {
        const evidence = { problem: result.message };
        this.#refuse(seq, rules, { reason: "unstorable", evidence, eventId: id, eventSource: source, eventType: type });
      } else if (result?.status === "accepted") this.#stored++;
    });
  }

  #refuse(seq: number, { team, via }: PullRules, refusal: Omit<Refusal, "team" | "route" | "peer">): void {
    const evidence = { ...refusal.evidence, peer_seq: seq };
    this.#o.refusals.record({ ...refusal, team, route: "pull", peer: via, evidence });
  }

  async #move(cursor: number, remoteSeq: number, back = false): Promise<void> {
    if (!(await this.#o.save({ cursor, remoteSeq }, back))) {
      this.#stopped = true;
      throw new LinkError("closed", "Another hub process has taken this link over.");
    }
    this.#position = { cursor, remoteSeq };
  }

  #rules(): PullRules {
    const peer = this.#peer();
    const { instanceId } = this.#o;
    const { scopes, maxHops, maxBytes } = this.settings;
    const policy: PeerPolicy = {
      id: peer.id,
      name: instanceId,
      instanceId,
      status: "active",
      scopes,
      maxHops,
      maxBytes,
      revision: peer.revision,
    };
    return { team: peer.team, via: peer.no, peerId: confirmedId(peer) ?? unconfirmedId(peer.name), policy };
  }

  #address(): StreamAddress {
    const { streamUrl: url, apiKey: token, remoteTeam: team, clientId } = this.settings;
    const { userAgent, resolve } = this.#o;
    const { allowPrivate } = this.#peer();
    return { url, allowPrivate, token, team, clientId, userAgent, ...(resolve === undefined ? {} : { resolve }) };
  }

  #peer(): Peer {
    const peer = this.#o.peer();
    if (peer === undefined) throw new LinkError("closed", "The peer of this link was removed.");
    return peer;
  }
}

/**
 * The peer's instance id, if somebody vouches for it: a pairing, a person, or the instance itself. One that was read off
 * the chains it pushes is a guess that a person has to confirm.
 */
export function confirmedId(peer: Pick<Peer, "instanceId" | "instanceIdFrom">): string | null {
  return peer.instanceIdFrom === "chain" ? null : peer.instanceId;
}
