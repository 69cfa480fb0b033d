export { FederationDebugger, type Questioned, type WhatIf, type WhatIfAnswer } from "./debugger.ts";
export type { MapSourceOptions, PulledPeer } from "./map-sources.ts";
export { type Probed, Probes } from "./probes.ts";
export { questionPlugin } from "./question-plugin.ts";
