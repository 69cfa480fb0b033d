export type { Credentials } from "./bootstrap.ts";
export { type Hub, type HubOptions, openHub } from "./hub.ts";
export { createSecretBox, folderSecret, type SecretBox, SecretKeyError } from "./registry/index.ts";
export { MigrationError, migrate } from "./store/migrate.ts";
export { exportToFile, importFromFile, TransferError } from "./transfer/index.ts";
export { openForTransfer } from "./transfer-access.ts";
