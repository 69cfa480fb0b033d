import {
  judgeReading,
  type PeerReading,
  type ReadEvent,
  type ReaderFacts,
  type ReadingStop,
} from "../../../shared/debugger/index.ts";
import { matchScope, type Provenance, stopsEverything } from "../../../shared/rules/index.ts";
import { askedScopes, parseScopes, type ScopedEvent } from "../access/index.ts";
import type { ApiKey, Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import { type CursorRecord, listCursors } from "../store/cursors.ts";
import type { Database } from "../store/database.ts";
import { isOfKey, keptBack, type SessionInfo } from "../stream/index.ts";

/** Listeners whose cursors are looked at, those seen last first. */
const MOST_CURSORS = 10_000;

/** What of a connection tells how far a reader has come. */
export type ReaderSession = Pick<SessionInfo, "clientId" | "keyId" | "scopes" | "position" | "acked" | "connectedAt">;

export interface ReadersOptions {
  readonly db: Database;
  readonly registry: RegistryView;
  /** The listeners that are connected to this process. */
  readonly sessions: () => readonly ReaderSession[];
  readonly now: () => number;
}

/** An event that peers may read: one of the log, or one that is described. */
export interface Readable extends ScopedEvent {
  readonly dataBytes: number;
  readonly provenance: Provenance;
  /** Where the log holds it; null for one that is described. */
  readonly held: (NonNullable<ReadEvent["held"]> & { readonly id: string }) | null;
}

/** Peers that read this hub's stream by a key that was handed to them, and how far an event has come to each. */
export class Readers {
  readonly #o: ReadersOptions;

  constructor(options: ReadersOptions) {
    this.#o = options;
  }

  /** What can be said of an event and each of a team's readers. A peer whose keys are all revoked counts if it had read. */
  async of(team: string, event: Readable): Promise<PeerReading[]> {
    const { db, registry } = this.#o;
    const handed = registry.snapshot.keys.filter((key) => key.team === team && key.peer !== null);
    if (handed.length === 0) return [];
    const cursors = await listCursors(db, team, MOST_CURSORS);
    return registry.peersOf(team).flatMap((peer) => {
      // Newest first, for of what withholds an event the present key's says more.
      const keys = handed.filter((key) => key.peer === peer.no).reverse();
      const inUse = keys.some(({ revokedAt }) => revokedAt === null);
      const readings = keys.map((key) => ({ key, reading: this.#judge(peer, key, event, cursors) }));
      const [best] = readings
        .filter(({ key, reading }) => key.revokedAt === null || !inUse || reading.outcome !== "withheld")
        .sort((a, b) => RANK.indexOf(a.reading.outcome) - RANK.indexOf(b.reading.outcome));
      const pushedTo = peer.scopes.length > 0;
      const over = !inUse && pushedTo && best?.reading.outcome === "withheld";
      return best === undefined || over ? [] : best.reading;
    });
  }

  #judge(peer: Peer, key: ApiKey, event: Readable, cursors: readonly CursorRecord[]): PeerReading {
    const remembered = cursors.filter(({ clientId }) => isOfKey(clientId, key));
    const sessions = this.#o.sessions().filter(({ keyId }) => keyId === key.id);
    // Without a cursor a connection began wherever the log stood: what came before it was never looked at.
    const counted = sessions.filter(
      ({ clientId, connectedAt }) =>
        remembered.some((cursor) => cursor.clientId === clientId) ||
        (event.held !== null && event.held.receivedAt >= connectedAt),
    );
    const { type, held, provenance } = event;
    const facts: ReaderFacts = {
      peerId: peer.id,
      name: peer.name,
      instanceId: peer.instanceId,
      paused: peer.status === "paused",
      changedAt: peer.updatedAt.getTime(),
      keyPrefix: key.prefix,
      scopes: key.scopes,
      fromSeq: key.fromSeq,
      acknowledged: most([...remembered.map(({ seq }) => seq), ...counted.map(({ acked }) => acked)]),
      passed: most(remembered.map(({ passed }) => passed)) ?? 0,
      written: most(counted.map(({ position }) => position)),
      connectedSince: sessions.length === 0 ? null : Math.min(...sessions.map(({ connectedAt }) => connectedAt)),
      stop: this.#stop(peer, key, event, followed(sessions, remembered)),
      masked: peer.masks.filter(({ types }) => matchScope(types, type)).map(({ path }) => path),
    };
    const been = [...provenance.chain, ...(provenance.origin === null ? [] : [provenance.origin])];
    return judgeReading({ held, type, been }, facts);
  }

  /** The first rule that withholds the event from who holds the key, by the settings of now. */
  #stop(peer: Peer, key: ApiKey, event: Readable, asked: readonly string[] | null): ReadingStop | null {
    const { now } = this.#o;
    if (key.revokedAt !== null) return { rule: "key_revoked", evidence: { key: key.prefix } };
    if (key.expiresAt !== null && key.expiresAt.getTime() <= now())
      return { rule: "key_expired", evidence: { key: key.prefix } };
    const shut = stopsEverything(peer.policy);
    if (shut !== null) return { rule: shut.reason, evidence: shut.evidence };
    if (peer.strangerId !== null) return { rule: "other_instance", evidence: { instance: peer.strangerId } };
    const kept = keptBack(peer, this.#o.registry, event);
    if (kept !== null) return { rule: kept.reason, evidence: kept.evidence };
    const { type } = event;
    if (!matches(key.scopes, event)) return { rule: "out_of_scope", evidence: { type, scopes: key.scopes } };
    if (asked !== null && !matches(asked, event)) return { rule: "not_asked_for", evidence: { type, scopes: asked } };
    return null;
  }
}

/** What went through at all is said before what did not. */
const RANK: readonly PeerReading["outcome"][] = ["acknowledged", "sent", "to_come", "not_known", "withheld"];

function most(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

/** What the reader asks for within its key's scopes; null when it has not connected, or has several wishes. */
function followed(sessions: readonly ReaderSession[], cursors: readonly CursorRecord[]): readonly string[] | null {
  const lists = new Set([...sessions, ...cursors].map(({ scopes }) => JSON.stringify(scopes)));
  const [only] = [...sessions, ...cursors];
  return lists.size === 1 && only !== undefined ? askedScopes(only.scopes) : null;
}

function matches(scopes: readonly string[], event: Readable): boolean {
  const parsed = parseScopes(scopes);
  return parsed.ok && parsed.scopes.matches(event);
}
