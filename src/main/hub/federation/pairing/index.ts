export { MAX_MESSAGE_BYTES, PROOF_HEADER } from "./messages.ts";
export { type NewOffer, PairingService } from "./pairing-service.ts";
export type { PairingView } from "./pairing-view.ts";
export { pairingPlugin } from "./plugin.ts";
export type { PairingChoice } from "./set-up.ts";
