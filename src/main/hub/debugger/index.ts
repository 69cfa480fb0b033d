export { FederationDebugger, type Questioned, type WhatIf, type WhatIfAnswer } from "./debugger.ts";
export { type Probed, Probes } from "./probes.ts";
export type { PulledPeer } from "./pulled-peer.ts";
export { questionPlugin } from "./question-plugin.ts";
