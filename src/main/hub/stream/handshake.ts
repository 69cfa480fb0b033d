import { type ListenerScopes, parseScopes, within } from "../access/index.ts";
import type { ApiKey, Tail } from "../model.ts";
import { permits, type RegistryView } from "../registry/index.ts";
import { type CursorBook, sameScopes } from "./cursor-book.ts";
import { CODES, type ConnectFrame } from "./frames.ts";
import { keyRefusal, type Rejection } from "./key-access.ts";
import { Progress } from "./progress.ts";

/** What it takes to let somebody in. */
export interface Door {
  readonly registry: RegistryView;
  readonly tail: Tail;
  readonly cursors: CursorBook;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A client id for a listener that brings none. */
  readonly newId: () => string;
}

/** Who listens, and from where. */
export interface Admission {
  readonly team: string;
  /** Its name among the team's listeners, and that of its cursor. */
  readonly clientId: string;
  /** The same as it calls itself, and is told. */
  readonly calledId: string;
  readonly scopes: ListenerScopes;
  readonly key: ApiKey;
  /** False for a listener that brought no id: it gets a cursor with its first acknowledgement, if it ever sends one. */
  readonly hasCursor: boolean;
  readonly progress: Progress;
}

/**
 * Answers a connect frame. A known client id goes on after its cursor; an unknown one, or none, starts at the tail, or
 * with a key that was handed over, where the log stood then: what came before the first connection is for it too.
 * @throws the database's error when the cursor cannot be read
 */
export async function admit(door: Door, frame: ConnectFrame): Promise<Admission | Rejection> {
  const key = door.registry.keyByToken(frame.token);
  const refused = keyRefusal(key, frame.team_id, door.registry, door.now());
  if (key === undefined || refused !== null) return refused ?? { code: CODES.authFailed, message: "Invalid token" };
  const asked = parseScopes(frame.scopes);
  if (!asked.ok) return { code: CODES.invalidMessage, message: `scopes: ${asked.problem}` };
  const granted = parseScopes(key.scopes);
  if (!granted.ok)
    return { code: CODES.authFailed, message: `Invalid token: the key's own scopes are unusable: ${granted.problem}` };

  const scopes = within(asked.scopes, granted.scopes);
  const { team } = key;
  const start = door.tail.seq;
  if (frame.client_id === null || frame.client_id === undefined) {
    const progress = new Progress(start, start);
    const calledId = door.newId();
    return { team, clientId: nameFor(key, calledId), calledId, scopes, key, hasCursor: false, progress };
  }
  const calledId = frame.client_id;
  const clientId = nameFor(key, calledId);
  const cursor = await door.cursors.open(team, clientId, key.fromSeq ?? start, scopes.list);
  const position = sameScopes(cursor.scopes, scopes.list) ? Math.max(cursor.seq, cursor.passed) : cursor.seq;
  const progress = new Progress(position, cursor.seq);
  return { team, clientId, calledId, scopes, key, hasCursor: true, progress };
}

/**
 * What a client id means. Who may read the team's events is one of the team, whose listeners share their names. A key
 * that may only follow is in other hands: whatever its holder calls itself, it finds and moves cursors of that key alone.
 */
function nameFor(key: ApiKey, calledId: string): string {
  return permits(key.permissions, "read") ? calledId : calledId + ofKey(key);
}

const ofKey = ({ id }: Pick<ApiKey, "id">): string => ` (key ${id})`;

/** Does a cursor of this name belong to whoever holds the key, which may only follow? */
export function isOfKey(clientId: string, key: Pick<ApiKey, "id">): boolean {
  return clientId.endsWith(ofKey(key));
}
