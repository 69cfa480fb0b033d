/**
 * What the signature of a replay mark is made over, between Kite Desktop hubs: the entry and, through the signature of the
 * body, the body it came with. So a mark cannot be put on another delivery.
 * @param entryId the id of the outbox entry, as in x-kite-replay
 * @param signature the whole value of X-Kite-Signature of the same request
 */
export const replayMark = (entryId: string, signature: string): string => `replay:${entryId}:${signature}`;

/**
 * The same for a probe, which is checked like an event and then forgotten.
 * @param nonce as in x-kite-probe
 */
export const probeMark = (nonce: string, signature: string): string => `probe:${nonce}:${signature}`;
