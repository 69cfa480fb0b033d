export {
  type AddressClass,
  classifyAddress,
  type PeerTarget,
  type PeerUrl,
  readPeerUrl,
  refuseAddress,
} from "./address-policy.ts";
export type { OnSettled } from "./completions.ts";
export { Connectivity } from "./connectivity.ts";
export type { Announcement, LaneSnapshot } from "./lane-ports.ts";
export { OutboundFederation, type OutboundOptions } from "./outbound.ts";
export type { Resolve } from "./peer-client.ts";
export { retryPolicyOf } from "./retry-policy.ts";
export { signBody, signReplay } from "./signature.ts";
