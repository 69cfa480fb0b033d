import type { ListenerScopes } from "../access/index.ts";
import type { LogEvent } from "../model.ts";
import { eventFrames } from "./event-frames.ts";

/** A batch of the tail as one audience sees it. */
export interface Delivery {
  /** Seqs of the batch's ends, whether or not these events are for this audience. */
  readonly first: number;
  readonly last: number;
  /** The events for this audience, in seq order. */
  readonly events: readonly LogEvent[];
  /** Their frames, joined once for everybody; null when there are none. */
  readonly frames: Buffer | null;
}

/** A session that follows the log live. */
export interface Member {
  deliver(delivery: Delivery): void;
}

interface Audience {
  readonly team: string;
  readonly scopes: ListenerScopes;
  readonly members: Set<Member>;
}

/**
 * Live sessions, gathered by team and scopes, so that a batch is filtered and its frames joined once for each audience
 * rather than once for each session, and reaches a session as one write.
 */
export class Audiences {
  readonly #audiences = new Map<string, Audience>();

  /** Returns the function that takes the member out again. */
  join(team: string, scopes: ListenerScopes, member: Member): () => void {
    const name = JSON.stringify([team, ...scopes.list]);
    const audience = this.#audiences.get(name) ?? { team, scopes, members: new Set() };
    this.#audiences.set(name, audience);
    audience.members.add(member);
    return () => {
      audience.members.delete(member);
      if (audience.members.size === 0 && this.#audiences.get(name) === audience) this.#audiences.delete(name);
    };
  }

  deliver(batch: readonly LogEvent[]): void {
    const first = batch[0];
    const last = batch.at(-1);
    if (first === undefined || last === undefined) return;
    const shared = this.#audiences.size > 1;
    for (const { team, scopes, members } of this.#audiences.values()) {
      const events = batch.filter((event) => event.team === team && scopes.matches(event));
      const frames = events.length === 0 ? null : eventFrames(events, shared);
      for (const member of members) member.deliver({ first: first.seq, last: last.seq, events, frames });
    }
  }
}
