export { acceptEach } from "./accept-each.ts";
export type { CredentialPolicy } from "./credentials.ts";
export { identifyCaller } from "./credentials.ts";
export {
  type BatchResult,
  Inbound,
  type InboundAnswer,
  type InboundOptions,
  type InboundRequest,
  type Replayer,
} from "./inbound.ts";
export { inboundPlugin } from "./plugin.ts";
export { candidateOf, type EventRefusal, openEvent } from "./read-event.ts";
export { type Refusal, RefusalLog, type RefusalLogOptions, type RefusalSink } from "./refusal-log.ts";
