import { z } from "zod";
import { hubUrl, PULL, type Telling, type ToldLink } from "../../../shared/debugger/index.ts";
import { askInstanceId } from "../federation/pull/index.ts";
import { inTime } from "../in-time.ts";
import type { Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { PeerQuestions, QuestionReply, RequestHeaders } from "./peer-question.ts";
import { placeOf } from "./place.ts";
import type { PulledPeer } from "./pulled-peer.ts";

/** A telling is passed on so far; and what nobody has told again for so long (milliseconds) is forgotten. */
const MOST_AWAY = 8;
const KEPT_MS = 10 * 60_000;
/** A peer that tells is asked again after so long, one that does not sooner. Milliseconds. */
const TOLD_MS = 30_000;
const SILENT_MS = 15_000;
/** So long a question about links may take in all; a hub keeps so much of that for itself. Milliseconds. */
const MOST_MS = 3_000;
const OWN_MS = 250;
const MOST_TELLINGS = 64;
const MOST_LINKS = 200;

const Id = z.string().min(1).max(128);

const LinkObject = z.object({
  id: z.string().max(160),
  direction: z.enum(["push", "pull"]),
  name: z.string().max(256),
  instance_id: Id.nullable(),
  place: z.string().max(64).nullable(),
  status: z.enum(["active", "paused", "revoked"]),
  scopes: z.array(z.string().max(256)).max(1_000),
  max_hops: z.int().min(0).max(1_000),
  max_bytes: z.int().min(0),
  receive_only: z.boolean(),
  revision: z.int(),
});

const TellingObject = z.object({
  instance_id: Id,
  age_ms: z.int().min(0),
  away: z.int().min(0),
  links: z.array(LinkObject).max(MOST_LINKS),
});

const Question = z.object({
  asking: z.array(Id).min(1).max(MOST_AWAY),
  deadline_ms: z.int().min(0).max(MOST_MS),
});

/** The first telling is the answering hub's own. */
const Answer = z.object({ tellings: z.array(TellingObject).min(1).max(MOST_TELLINGS) });

export interface TellingsOptions {
  readonly registry: Pick<RegistryView, "instanceId" | "peersOf" | "peerById">;
  readonly questions: Pick<PeerQuestions, "ask" | "read">;
  readonly pulled: (team: string) => Promise<readonly PulledPeer[]>;
  readonly userAgent: string;
  readonly now: () => number;
}

interface Asked {
  /** A question that is under way has no end yet. */
  until: number;
  /** Nothing had been asked of the peer before. */
  readonly first: boolean;
  readonly done: Promise<boolean>;
}

/** What is heard of the federation, and who the peers say they are, by the id of the peer. */
export interface Heard {
  readonly tellings: readonly Telling[];
  readonly identities: ReadonlyMap<string, string>;
}

/**
 * What hubs tell of their own links, and pass on of others': the map beyond this hub's peers. A hub tells only where its
 * owner has allowed it, only its peers, and neither tokens nor addresses. What is heard is kept, so that each peer is
 * asked about twice a minute at most, whoever looks at whichever map.
 */
export class Tellings {
  readonly #o: TellingsOptions;
  /** By team; what a peer says of itself by the id of the peer, what it passes on by the instance that tells. */
  readonly #heard = new Map<string, Map<string, Telling>>();
  readonly #asked = new Map<string, Asked>();
  readonly #identities = new Map<string, string>();

  constructor(options: TellingsOptions) {
    this.#o = options;
  }

  /**
   * What is known now, the nearest first. Waits for peers that are asked for the first time, {@link MOST_MS} at most;
   * those that have been asked before are asked again behind the answer.
   */
  async look(team: string): Promise<Heard> {
    await this.#ask(team, [], MOST_MS);
    return { tellings: this.#kept(team), identities: this.#identities };
  }

  /** Answers a peer's question about links. Never throws on what a peer may send. */
  async answer(team: string, headers: RequestHeaders, rawBody: Buffer): Promise<QuestionReply> {
    const read = await this.#o.questions.read(Question, team, headers, rawBody);
    if (!read.ok) return read.reply;
    const { asking, deadline_ms } = read.question;
    const round = asking.includes(this.#o.registry.instanceId);
    if (!round && asking.length < MOST_AWAY) await this.#ask(team, asking, deadline_ms - OWN_MS);
    const now = this.#o.now();
    const others = this.#kept(team).filter(({ away, teller }) => away < MOST_AWAY && !asking.includes(teller));
    const told = others.map(({ teller, at, away, links }) => ({
      instance_id: teller,
      age_ms: Math.max(0, now - at),
      away,
      links: links.map(toWire),
    }));
    return { status: 200, body: { tellings: [await this.#own(team), ...told].slice(0, MOST_TELLINGS) } };
  }

  async #ask(team: string, asking: readonly string[], leftMs: number): Promise<void> {
    if (leftMs < OWN_MS) return;
    const { registry, now } = this.#o;
    const waits = registry.peersOf(team).flatMap((peer) => {
      const { id, status, strangerId } = peer;
      // A hub that is asking already hears of itself from nobody else.
      if (status === "revoked" || strangerId !== null || asking.includes(this.#idOf(peer) ?? "")) return [];
      const before = this.#asked.get(id);
      // A look waits for the first word of a peer, whoever asked. A question must not: hubs would wait in a ring.
      if (before !== undefined && now() < before.until) return asking.length === 0 && before.first ? before.done : [];
      const asked = {
        until: Number.POSITIVE_INFINITY,
        first: before === undefined,
        done: this.#askPeer(peer, asking, leftMs),
      };
      this.#asked.set(id, asked);
      void asked.done.then((told) => {
        asked.until = now() + (told ? TOLD_MS : SILENT_MS);
      });
      return before === undefined ? asked.done : [];
    });
    if (waits.length > 0) await inTime(Promise.all(waits), leftMs);
  }

  /** @returns whether it told anything */
  async #askPeer(peer: Peer, asking: readonly string[], leftMs: number): Promise<boolean> {
    const { registry, questions, userAgent } = this.#o;
    const { batches, allowPrivate } = peer;
    const base = `${hubUrl(peer.hookUrl)}/`;
    // A server of another make says nothing of itself, and would take the question for a webhook.
    const known = batches ? peer.instanceId : null;
    const id = known ?? (URL.canParse(base) ? await askInstanceId(new URL(base), { allowPrivate, userAgent }) : null);
    if (id === null) return false;
    this.#identities.set(peer.id, id);
    const question = { asking: [...asking, registry.instanceId], deadline_ms: Math.floor(Math.max(0, leftMs)) };
    const asked = await questions.ask(peer, "links", question, Answer, Math.max(OWN_MS, leftMs));
    // A hub that is there and tells no more has its reasons; one that cannot be reached has told what it has told.
    if (!asked.ok && asked.status !== null) this.#heard.get(peer.team)?.delete(peer.id);
    // Another instance that answers in the peer's place is not believed.
    if (!asked.ok || asked.answer.tellings[0]?.instance_id !== (peer.instanceId ?? id)) return false;
    this.#hear(peer, asked.answer.tellings);
    return true;
  }

  /** Nobody tells for this hub, and a peer's own telling comes from itself alone. Of the others, the nearest counts. */
  #hear(peer: Peer, tellings: z.infer<typeof Answer>["tellings"]): void {
    const now = this.#o.now();
    const heard = this.#heard.get(peer.team) ?? new Map<string, Telling>();
    this.#heard.set(peer.team, heard);
    for (const [index, told] of tellings.entries()) {
      const own = index === 0;
      const telling: Telling = {
        teller: told.instance_id,
        via: peer.id,
        at: now - told.age_ms,
        away: own ? 1 : Math.max(told.away, 1) + 1,
        links: told.links.map(fromWire),
      };
      if (telling.teller === this.#o.registry.instanceId || telling.away > MOST_AWAY) continue;
      const key = own ? peer.id : telling.teller;
      const before = heard.get(key);
      if (before === undefined || isOld(before, now) || outdoes(telling, before)) heard.set(key, telling);
    }
  }

  #kept(team: string): Telling[] {
    const heard = this.#heard.get(team);
    if (heard === undefined) return [];
    const now = this.#o.now();
    // A peer that is one no more tells nothing.
    for (const [key, telling] of heard)
      if (isOld(telling, now) || this.#o.registry.peerById(telling.via) === undefined) heard.delete(key);
    const direct = new Set([...heard.values()].flatMap(({ away, teller }) => (away === 1 ? teller : [])));
    return [...heard.values()]
      .filter(({ away, teller }) => away === 1 || !direct.has(teller))
      .sort((a, b) => a.away - b.away);
  }

  async #own(team: string): Promise<z.input<typeof TellingObject>> {
    const { registry, pulled } = this.#o;
    const pushes = registry.peersOf(team).map(
      (peer): ToldLink => ({
        ...peer.policy,
        direction: "push",
        instanceId: this.#idOf(peer),
        place: placeOf(peer.hookUrl),
        receiveOnly: peer.policy.receiveOnly === true,
      }),
    );
    const pulls = (await pulled(team)).map(
      ({ peer, scopes, maxHops, maxBytes, status }): ToldLink => ({
        id: PULL + peer.id,
        direction: "pull",
        name: peer.name,
        instanceId: this.#idOf(peer),
        place: placeOf(peer.hookUrl),
        revision: peer.revision,
        receiveOnly: false,
        ...{ scopes, maxHops, maxBytes, status },
      }),
    );
    const links = [...pushes, ...pulls].slice(0, MOST_LINKS).map(toWire);
    return { instance_id: registry.instanceId, age_ms: 0, away: 0, links };
  }

  #idOf({ id, instanceId }: Peer): string | null {
    return instanceId ?? this.#identities.get(id) ?? null;
  }
}

function outdoes(telling: Telling, before: Telling): boolean {
  return telling.away < before.away || (telling.away === before.away && telling.at >= before.at);
}

function isOld({ at }: Telling, now: number): boolean {
  return now - at > KEPT_MS;
}

function toWire(link: ToldLink): z.input<typeof LinkObject> {
  return {
    id: link.id,
    direction: link.direction,
    name: link.name,
    instance_id: link.instanceId,
    place: link.place,
    status: link.status,
    scopes: [...link.scopes],
    max_hops: link.maxHops,
    max_bytes: link.maxBytes,
    receive_only: link.receiveOnly,
    revision: link.revision,
  };
}

function fromWire(told: z.infer<typeof LinkObject>): ToldLink {
  return {
    id: told.id,
    direction: told.direction,
    name: told.name,
    instanceId: told.instance_id,
    place: told.place,
    status: told.status,
    scopes: told.scopes,
    maxHops: told.max_hops,
    maxBytes: told.max_bytes,
    receiveOnly: told.receive_only,
    revision: told.revision,
  };
}
