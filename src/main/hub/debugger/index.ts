export { FederationDebugger, type Questioned, type WhatIf, type WhatIfAnswer } from "./debugger.ts";
export type { MapSourceOptions, PulledPeer } from "./map-sources.ts";
export { probePlugin } from "./probe-plugin.ts";
export { type Probed, Probes } from "./probes.ts";
