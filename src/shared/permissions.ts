/**
 * What an API key may do, the least first; a higher one includes the lower (kite-wire.md 2). `stream` is ours: it follows
 * the events that the key's scopes name, and nothing else, so that it can be handed to another hub.
 */
export const PERMISSIONS = ["stream", "read", "write", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];
