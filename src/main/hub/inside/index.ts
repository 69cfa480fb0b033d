export type { Composed, EntryActions, PeerAdmin } from "./actions.ts";
export { BulkEntries, type EntrySelection } from "./bulk.ts";
export { openComposer } from "./composer.ts";
export { openEntryActions } from "./entry-actions.ts";
export type { HubInside } from "./inside.ts";
export { type Ledger, openLedger } from "./ledger.ts";
export { openPeerAdmin } from "./peer-admin.ts";
