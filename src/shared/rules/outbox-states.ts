/** The states of an outbox entry: one event owed to one peer. Drawn in docs/outbox-states.md. */
export const OUTBOX_STATES = ["pending", "sending", "delivered", "dead", "cancelled"] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** The state an entry is created in. */
export const INITIAL_OUTBOX_STATE: OutboxState = "pending";

/** The states in which an entry is no longer worked on, until somebody replays it. */
export const FINISHED_OUTBOX_STATES: readonly OutboxState[] = ["delivered", "dead", "cancelled"];

interface Transition {
  /** From which states, and to which, the event leads. */
  readonly moves: Readonly<Partial<Record<OutboxState, OutboxState>>>;
  readonly meaning: string;
}

/** Every legal transition. What is not in this table is refused; SQL guards are made from it by {@link sourcesOf}. */
export const OUTBOX_TRANSITIONS = {
  claim: {
    moves: { pending: "sending" },
    meaning: "A lane takes the entry under a lease.",
  },
  deliver: {
    moves: { sending: "delivered" },
    meaning: "The peer answered 2xx, or named this event as taken in a batch.",
  },
  retry: {
    moves: { sending: "pending" },
    meaning: "The attempt failed in a way that may pass; the next one has a time.",
  },
  split: {
    moves: { sending: "pending" },
    meaning: "A batch was refused whole; the entry goes again, in a smaller one. No attempt is counted.",
  },
  release: {
    moves: { sending: "pending" },
    meaning:
      "The lease is given back before an answer was due: the hub stops, the peer is paused, our network is down.",
  },
  lease_expired: {
    moves: { sending: "pending" },
    meaning: "The holder of the lease is gone. The peer may have the event; it will say duplicate.",
  },
  fail: {
    moves: { sending: "dead" },
    meaning: "The peer refused the event for good (400, 413, 422), or this was the last attempt of the schedule.",
  },
  expire: {
    moves: { pending: "dead" },
    meaning: "The schedule ran out while the entry waited behind a peer that fails.",
  },
  abandon: {
    moves: { sending: "cancelled" },
    meaning:
      "The attempt ended undelivered, or was not made, and is not wanted any more: the peer was revoked, the peer's " +
      "newly learned id is in the chain, or a shorter copy waits as successor.",
  },
  cancel: {
    moves: { pending: "cancelled", dead: "cancelled" },
    meaning: "A person cancelled the entry, or revoked or deleted the peer.",
  },
  retry_now: {
    moves: { pending: "pending" },
    meaning: "A replay or a recovered peer makes a scheduled retry due at once, in its place.",
  },
  relax: {
    moves: { pending: "pending", dead: "dead" },
    meaning: "A copy with fewer hops came in; the entry will be sent with that provenance instead.",
  },
  replay_dead: {
    moves: { dead: "pending" },
    meaning: "A dead letter is replayed; its schedule begins anew.",
  },
  replay_delivered: {
    moves: { delivered: "pending" },
    meaning: "A delivered entry is replayed.",
  },
} as const satisfies Readonly<Record<string, Transition>>;

export type OutboxEvent = keyof typeof OUTBOX_TRANSITIONS;

/** All events of the table, in its order. */
export const OUTBOX_EVENTS = Object.keys(OUTBOX_TRANSITIONS) as readonly OutboxEvent[];

/** The state that an event leads to, or null if it is not legal in this state. */
export function transition(state: OutboxState, event: OutboxEvent): OutboxState | null {
  const { moves }: Transition = OUTBOX_TRANSITIONS[event];
  return moves[state] ?? null;
}

/** The states in which an event is legal: what an UPDATE has to ask for in its WHERE. */
export function sourcesOf(event: OutboxEvent): readonly OutboxState[] {
  return OUTBOX_STATES.filter((state) => transition(state, event) !== null);
}
