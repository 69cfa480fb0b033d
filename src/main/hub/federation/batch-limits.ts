/** Most events of one request between hubs, whichever side one is on. */
export const MAX_BATCH_EVENTS = 256;
/** Bytes of such a request that are taken. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Bytes of events that are put into one: the rest is for their provenance, which grows on the way. */
export const MAX_SENT_BYTES = MAX_BATCH_BYTES / 4;
