export { withRetries } from "./again.ts";
export { type HopLimitDrop, Relaxer, type RelaxerOptions } from "./relaxer.ts";
export { lockCurrentPeers, StaleRegistryError, Standings } from "./standings.ts";
