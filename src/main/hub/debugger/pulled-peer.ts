import type { Peer } from "../model.ts";

/** A peer that is read over its stream, as far as the map is concerned. */
export interface PulledPeer {
  readonly peer: Peer;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly status: "active" | "paused";
}
