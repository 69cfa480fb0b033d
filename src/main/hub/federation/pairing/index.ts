export { MAX_MESSAGE_BYTES, PROOF_HEADER } from "./messages.ts";
export { type NewOffer, PairingService, type PairingView } from "./pairing-service.ts";
export { pairingPlugin } from "./plugin.ts";
export type { PairingChoice } from "./set-up.ts";
