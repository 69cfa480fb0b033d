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
export { BlockedAddressError, type Failure, toFailure } from "./failure.ts";
export type { Announcement, Heard, LaneSnapshot } from "./lane-ports.ts";
export { OutboundFederation, type OutboundOptions } from "./outbound.ts";
export { type Answer, checkedLookup, PeerClient, type Resolve, resolveBySystem } from "./peer-client.ts";
export { retryPolicyOf } from "./retry-policy.ts";
export { signBody, signProbe, signReplay } from "./signature.ts";
