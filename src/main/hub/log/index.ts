export type { Reconcile } from "./doubt.ts";
export { EventLog, type EventLogOptions, type LogObserver } from "./event-log.ts";
export { deliveryIdentity, digestOf, eventIdentity, keyOf } from "./identity.ts";
export { previewSweep, type RetentionLimits, type Swept, sweep, type WouldDrop } from "./retention.ts";
export { heldCopy, provenanceOf, routable } from "./routing.ts";
export { SegmentKeeper, type SegmentLimits } from "./segment-keeper.ts";
export { LogTail } from "./tail.ts";
