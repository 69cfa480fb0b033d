import { entryId } from "../../entry-id.ts";
import type { Peer } from "../../model.ts";
import { readPeerUrl } from "./address-policy.ts";
import type { Exchange } from "./attempt-record.ts";
import type { Group, LaneEntry } from "./lane-entry.ts";
import { bodyGone, cancelled, dropped, type LaneOutcome } from "./outcomes.ts";
import { OutgoingEvents } from "./outgoing.ts";
import { PeerClient, type Resolve } from "./peer-client.ts";
import { signBody, signReplay } from "./signature.ts";

export interface SenderOptions {
  readonly instanceId: string;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly connections: number;
  readonly clock: () => number;
  readonly newAttemptId: () => string;
  readonly resolve?: Resolve;
}

/** A request that is ready to go; `texts` are the events of its entries. */
export interface Letter {
  readonly group: Group;
  readonly texts: readonly string[];
}

/** How much of an answer is read: a batch has a result for each event. */
const SINGLE_ANSWER_BYTES = 65_536;
const BATCH_ANSWER_BYTES = 1_048_576;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Turns groups of entries into signed requests to one peer (kite-wire.md 11.4), with its settings of now. */
export class LaneSender {
  readonly #o: SenderOptions;
  readonly #outgoing: OutgoingEvents;
  #peer: Peer;
  #client: PeerClient;
  /** Clients of earlier settings that still have something on the wire. */
  readonly #former = new Set<PeerClient>();
  #host: string;
  #fixed: readonly string[];

  constructor(peer: Peer, options: SenderOptions) {
    this.#o = options;
    this.#outgoing = new OutgoingEvents(options.instanceId);
    this.#peer = peer;
    this.#client = this.#connect(peer);
    this.#host = hostOf(peer);
    this.#fixed = this.#fixedHeaders(peer);
  }

  /** The host that is sent to. */
  get host(): string {
    return this.#host;
  }

  /** Takes the peer's new settings; what is under way ends with the old ones. */
  update(peer: Peer): void {
    const moved = peer.hookUrl !== this.#peer.hookUrl || peer.allowPrivate !== this.#peer.allowPrivate;
    this.#peer = peer;
    this.#fixed = this.#fixedHeaders(peer);
    if (!moved) return;
    const former = this.#client;
    this.#former.add(former);
    void former.close().finally(() => this.#former.delete(former));
    this.#client = this.#connect(peer);
    this.#host = hostOf(peer);
  }

  /** Writes the events of a group; those that are not to be sent (any more) come out as outcomes. */
  write(group: Group): { readonly letter: Letter | null; readonly outcomes: readonly LaneOutcome[] } {
    const entries: LaneEntry[] = [];
    const texts: string[] = [];
    const outcomes: LaneOutcome[] = [];
    for (const entry of group.entries) {
      if (entry.event === null) {
        outcomes.push(bodyGone(entry, group.attempts));
        continue;
      }
      if (entry.event.dataCut !== undefined) {
        outcomes.push(
          cancelled([entry], group.attempts, entry.event.dataCut === "purged" ? "purged" : "payload_not_kept"),
        );
        continue;
      }
      const outgoing = this.#outgoing.prepare(entry.event, this.#peer.policy, this.#peer.masks);
      if (outgoing.send) {
        entries.push(entry);
        texts.push(outgoing.text);
      } else outcomes.push(dropped(entry, group.attempts, outgoing.drop));
    }
    const letter = entries.length === 0 ? null : { group: { entries, attempts: group.attempts }, texts };
    return { letter, outcomes };
  }

  /** Sends one event as it is, several as a batch. Never rejects: what went wrong is in the answer. */
  async send({ group, texts }: Letter): Promise<Exchange> {
    const { outboundToken: token, hookUrl: url } = this.#peer;
    const batch = texts.length > 1;
    const body = Buffer.from(batch ? `[${texts.join(",")}]` : (texts[0] ?? ""));
    const signature = signBody(token, body);
    const type = batch ? "application/cloudevents-batch+json" : "application/cloudevents+json";
    const secrets = [token, hexOf(signature)];
    const headers = [...this.#fixed, "content-type", type, "x-kite-signature", signature];
    const [first] = group.entries;
    if (!batch && first?.replay === true) {
      const id = entryId(first);
      const replaySignature = signReplay(token, id, signature);
      headers.push("x-kite-replay", id, "x-kite-replay-signature", replaySignature);
      secrets.push(hexOf(replaySignature));
    }
    const id = this.#o.newAttemptId();
    const at = this.#o.clock();
    const answer = await this.#client.post(headers, body, batch ? BATCH_ANSWER_BYTES : SINGLE_ANSWER_BYTES);
    return { id, at, group, url, secrets, headers, bytes: body.length, answer };
  }

  /** Whether the peer's server answers at all. Tells it nothing of us: anybody may ask. Never rejects. */
  answers(): Promise<boolean> {
    return this.#client.answers(["user-agent", this.#o.userAgent]);
  }

  /** Closes the connections when what is under way has ended. */
  close(): Promise<void> {
    return this.#client.close();
  }

  /** Breaks off what is under way. */
  async abort(): Promise<void> {
    await Promise.all([this.#client, ...this.#former].map((client) => client.destroy()));
  }

  #connect(peer: Peer): PeerClient {
    const { timeoutMs, connections, resolve } = this.#o;
    return new PeerClient({
      url: peer.hookUrl,
      allowPrivate: peer.allowPrivate,
      timeoutMs,
      connections,
      ...(resolve === undefined ? {} : { resolve }),
    });
  }

  #fixedHeaders(peer: Peer): readonly string[] {
    const { instanceId, userAgent } = this.#o;
    const headers = ["authorization", `Bearer ${peer.outboundToken}`, "user-agent", userAgent];
    if (HEADER_SAFE.test(instanceId)) headers.push("x-kite-instance", instanceId);
    return headers;
  }
}

const hexOf = (signature: string): string => signature.slice(signature.indexOf("=") + 1);

function hostOf(peer: Peer): string {
  const read = readPeerUrl(peer.hookUrl, peer.allowPrivate);
  return read.ok ? read.target.host : peer.hookUrl;
}
