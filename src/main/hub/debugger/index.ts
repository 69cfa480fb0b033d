export { FederationDebugger, type Questioned, type WhatIf, type WhatIfAnswer } from "./debugger.ts";
export type { MapSourceOptions, PulledPeer } from "./map-sources.ts";
