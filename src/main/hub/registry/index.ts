export { type NewPeer, type PeerUpdate, RegistryAdmin } from "./admin.ts";
export { HubRegistry } from "./hub-registry.ts";
export { isGood, permits, readPermissions } from "./permissions.ts";
export { type RegistryView, readingPeers, type Snapshot } from "./registry.ts";
export { createSecretBox, type SecretBox, SecretKeyError } from "./secret-box.ts";
export { settingsVersion } from "./settings-version.ts";
export { createToken, type TokenKind, tokenHash, tokenMatches } from "./tokens.ts";
