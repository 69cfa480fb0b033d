export {
  type CreatedEndpoint,
  type EndpointView as EndpointStatus,
  type KeyView as KeyStatus,
  NewEndpoint,
  NewKey,
} from "./access/index.ts";
export { cursorsOf, scheduleOf } from "./api/index.ts";
export type { Credentials } from "./bootstrap.ts";
export { EntryKeyShape, entryId, parseEntryId } from "./entry-id.ts";
export { type ErrorCode, HubError } from "./errors.ts";
export { eventRow } from "./event-row.ts";
export { classifyAddress } from "./federation/outbound/index.ts";
export { type Hub, type HubOptions, openHub } from "./hub.ts";
export { bearerToken } from "./ingest/index.ts";
export type { HubInside, Ledger } from "./inside/index.ts";
export type { LinkReport, PairingView as PairingStanding } from "./links.ts";
export { ListenError } from "./listen-error.ts";
export { isLoopbackAddress, isLoopbackHost } from "./loopback.ts";
export type { ApiKey, Hook, LogEvent, Peer } from "./model.ts";
export { Signal } from "./news.ts";
export { readChain } from "./read-chain.ts";
export { createSecretBox, isGood, permits, type SecretBox, SecretKeyError, settingsVersion } from "./registry/index.ts";
export { toHubError } from "./store/database.ts";
export type { RefusalRecord } from "./store/ledger.ts";
export { MigrationError, migrate } from "./store/migrate.ts";
export { TlsFilesError } from "./tls-files.ts";
export {
  describeSections,
  exportToFile,
  importFromFile,
  openForTransfer,
  TransferError,
} from "./transfer/index.ts";
export { refuseUpgrade } from "./upgrades.ts";
