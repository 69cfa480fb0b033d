import { clipped } from "../../../../shared/clipped.ts";
import { HubError } from "../../errors.ts";
import type { Acceptor, Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import { acceptEach } from "./accept-each.ts";
import { type Item, MAX_EVENT_BYTES, readBody } from "./body.ts";
import {
  type CredentialPolicy,
  type Headers,
  headerValue,
  identifyCaller,
  isProbe,
  readReplayMark,
} from "./credentials.ts";
import { InstanceLearner, type OnLearn } from "./instance-learner.ts";
import { type Arrival, type EventRefusal, type ReadEvent, readEvent } from "./read-event.ts";
import type { Refusal, RefusalSink } from "./refusal-log.ts";

/** A request to `POST /hooks/{team}/kite`, with the body exactly as it came over the wire. */
export interface InboundRequest {
  readonly team: string;
  readonly headers: Headers;
  readonly rawBody: Buffer;
  /** The path of the request, for the record of refusals. */
  readonly path: string;
}

export interface InboundAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Shows events of the log to listeners again. */
export interface Replayer {
  /**
   * @returns the new seq for each; null where the event is not retained any more
   * @throws HubError `unavailable`
   */
  replayToListeners(seqs: readonly number[]): Promise<(number | null)[]>;
}

export interface InboundOptions {
  readonly registry: RegistryView;
  readonly acceptor: Acceptor;
  readonly replayer: Replayer;
  readonly refusals: RefusalSink;
  readonly onLearn: OnLearn;
  /** Told of every request of a known peer: null when it was authentic, else what was wrong with it. */
  readonly onCall?: (peer: number, cause: string | null, strangerId: string | null) => void;
  readonly credentials?: Partial<CredentialPolicy>;
  /** Announce that batches are taken. They are taken either way, as a real Kite's lack of them is all this stands for. */
  readonly announceBatches?: boolean;
}

/** What one event of a batch came to; the answer of the sender's lane for that event. */
export interface BatchResult {
  readonly id: string | null;
  readonly source: string | null;
  readonly status: "accepted" | "duplicate" | EventRefusal;
  readonly error?: string;
  /** The same id is held here with other data. */
  readonly conflict?: true;
}

const MAX_ERROR = 500;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** The inbound endpoint of federation: peers push events here, one at a time or in batches (kite-wire.md 11.4). */
export class Inbound {
  readonly #o: InboundOptions;
  readonly #policy: CredentialPolicy;
  readonly #learner: InstanceLearner;

  constructor(options: InboundOptions) {
    this.#o = options;
    this.#policy = { requireBearer: true, requireSignature: true, ...options.credentials };
    this.#learner = new InstanceLearner(options.onLearn);
  }

  /** On every answer, refusals included: that this hub takes batches and probes, and which instance it is. */
  get headers(): Record<string, string> {
    const { registry, announceBatches = true } = this.#o;
    const { instanceId } = registry;
    // An id may have letters that no header can carry; peers learn it from chains then.
    return {
      "x-kite-accepts": announceBatches ? "batch, probe" : "probe",
      ...(HEADER_SAFE.test(instanceId) ? { "x-kite-instance": instanceId } : {}),
    };
  }

  /** Never throws on what a caller may send. @throws what the acceptor throws that is not a HubError */
  async handle(request: InboundRequest): Promise<InboundAnswer> {
    const { registry } = this.#o;
    const caller = identifyCaller(registry, request.team, request.headers, request.rawBody, this.#policy);
    if (!caller.ok) {
      this.#record(request, { reason: caller.reason, peer: caller.peer?.no ?? null, evidence: caller.evidence });
      if (caller.peer !== null && caller.reason === "bad_signature")
        this.#o.onCall?.(caller.peer.no, "Its signature does not fit the body.", null);
      return this.#answer(caller.status, { error: caller.error, reason: caller.reason });
    }
    const { peer, signature, token } = caller;
    const stranger = strangerOf(peer, request.headers);
    if (stranger !== null) {
      this.#o.onCall?.(peer.no, `It calls itself ${stranger} now.`, stranger);
      this.#record(request, {
        reason: "instance_changed",
        peer: peer.no,
        evidence: { known: peer.instanceId, presented: stranger },
      });
      const error = `This instance knows you as ${peer.instanceId}, and you call yourself ${stranger}: nothing is taken until somebody here accepts that.`;
      return this.#answer(403, { error });
    }
    this.#o.onCall?.(peer.no, null, null);
    const body = readBody(request.headers, request.rawBody);
    if (body.kind === "refused") {
      const reason = body.status === 413 ? "too_large" : "invalid";
      const evidence = { problem: body.error, bytes: request.rawBody.length };
      this.#record(request, { reason, peer: peer.no, evidence });
      return this.#answer(body.status, { error: clipped(body.error, MAX_ERROR), ...body.details });
    }
    try {
      const verified = signature !== null;
      if (body.kind === "batch") return await this.#batch(request, peer, body.items, verified);
      if (isProbe(request.headers, token, signature)) return this.#probe(request, peer, body.item);
      const mark = readReplayMark(request.headers, token, signature);
      if (mark === "invalid")
        this.#record(request, {
          reason: "bad_signature",
          peer: peer.no,
          evidence: { header: "x-kite-replay-signature" },
        });
      return await this.#single(request, peer, body.item, verified, mark !== null && mark !== "invalid");
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return this.#failed(error);
    }
  }

  /** Says that an event like this one would be taken, without taking it. */
  #probe(request: InboundRequest, peer: Peer, item: Item): InboundAnswer {
    const { registry } = this.#o;
    const arrival: Arrival = { team: request.team, self: registry, via: peer.no, callerId: null, verified: true };
    const read = readEvent(item, arrival);
    if (!read.ok) return this.#refused(read);
    return this.#answer(200, { status: "probe", id: read.candidate.id, instance_id: registry.instanceId });
  }

  async #single(
    request: InboundRequest,
    peer: Peer,
    item: Item,
    verified: boolean,
    replay: boolean,
  ): Promise<InboundAnswer> {
    const [read] = this.#read(request, peer, [item], verified);
    if (read === undefined) throw new RangeError("one event was given and none was read");
    if (!read.ok) return this.#refused(read);
    const result = await this.#o.acceptor.accept(read.candidate);
    if (result.status === "accepted")
      return this.#answer(202, { id: result.id, created_at: new Date(result.receivedAt).toISOString() });
    if (replay && !result.conflict) {
      const [shown] = await this.#o.replayer.replayToListeners([result.seq]);
      if (typeof shown === "number") return this.#answer(200, { status: "replayed", id: result.id });
    }
    return this.#answer(200, {
      status: "duplicate_ignored",
      id: result.id,
      ...(result.conflict ? { conflict: true } : {}),
    });
  }

  async #batch(request: InboundRequest, peer: Peer, items: readonly Item[], verified: boolean): Promise<InboundAnswer> {
    const reads = this.#read(request, peer, items, verified);
    const candidates = reads.flatMap((read) => (read.ok ? [read.candidate] : []));
    const accepted = (await acceptEach(this.#o.acceptor, candidates)).values();
    const results = reads.map((read): BatchResult => {
      if (!read.ok) {
        const { id, source, reason: status } = read;
        return status === "own_id_in_chain"
          ? { id, source, status }
          : { id, source, status, error: clipped(read.error, MAX_ERROR) };
      }
      const { id, source } = read.candidate;
      const outcome = accepted.next().value;
      if (outcome === undefined || outcome instanceof HubError)
        return { id, source, status: "invalid", error: clipped(outcome?.message ?? "It was not taken.", MAX_ERROR) };
      if (outcome.status === "accepted") return { id, source, status: "accepted" };
      return { id, source, status: "duplicate", ...(outcome.conflict ? { conflict: true } : {}) };
    });
    return this.#answer(200, { results });
  }

  #read(request: InboundRequest, peer: Peer, items: readonly Item[], verified: boolean): ReadEvent[] {
    const { registry } = this.#o;
    return items.map((item) => {
      const callerId = this.#learner.idOf(peer);
      const arrival: Arrival = { team: request.team, self: registry, via: peer.no, callerId, verified };
      const read = readEvent(item, arrival);
      if (!read.ok) {
        const { reason, evidence, id, source, type } = read;
        this.#record(request, { reason, peer: peer.no, evidence, eventId: id, eventSource: source, eventType: type });
      } else if (read.callerId !== null) {
        this.#learner.learn(peer, read.callerId);
      }
      return read;
    });
  }

  #refused(read: Extract<ReadEvent, { ok: false }>): InboundAnswer {
    const { reason, id } = read;
    if (reason === "own_id_in_chain") return this.#answer(200, { status: reason, id });
    const error = clipped(read.error, MAX_ERROR);
    if (reason === "too_large") return this.#answer(413, { error, max_bytes: MAX_EVENT_BYTES });
    return this.#answer(400, { error, reason });
  }

  #failed(error: HubError): InboundAnswer {
    const after = error.details.retry_after_secs;
    const headers =
      typeof after === "number" ? { "retry-after": String(after) } : error.status === 503 ? { "retry-after": "1" } : {};
    return {
      status: error.status,
      headers: { ...this.headers, ...headers },
      body: { error: error.message, ...error.details },
    };
  }

  #answer(status: number, body: InboundAnswer["body"]): InboundAnswer {
    return { status, headers: this.headers, body };
  }

  #record(request: InboundRequest, refusal: Omit<Refusal, "team" | "route">): void {
    const team = this.#o.registry.hasTeam(request.team) ? request.team : null;
    this.#o.refusals.record({ ...refusal, team, route: request.path });
  }
}

/**
 * Another id than the one that was settled for this peer, by which the caller announces itself; null when there is
 * none. An id that was only read off chains is a guess, and proves nothing.
 */
function strangerOf(peer: Peer, headers: Headers): string | null {
  const presented = headerValue(headers, "x-kite-instance");
  if (presented === null || peer.instanceId === null || peer.instanceIdFrom === "chain") return null;
  return presented === peer.instanceId ? null : presented.slice(0, 128);
}
