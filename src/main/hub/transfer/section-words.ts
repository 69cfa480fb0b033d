import { countOf } from "../../../shared/count-of.ts";
import type { Section } from "../store/transfer.ts";

/** One row of each section, and several, as people call them. */
const WORDS: Readonly<Record<Section, readonly [one: string, many?: string]>> = {
  teams: ["team"],
  settings: ["setting"],
  segments: ["segment"],
  peers: ["peer"],
  pull_links: ["pull link"],
  pull_gaps: ["gap in a pull link", "gaps in pull links"],
  link_health: ["link's health", "links' health"],
  hooks: ["endpoint"],
  hook_activity: ["endpoint's activity", "endpoints' activity"],
  api_keys: ["API key"],
  federation_tokens: ["federation token"],
  cursors: ["cursor"],
  console_views: ["saved view"],
  replay_jobs: ["replay job"],
  events: ["event"],
  dedup: ["deduplication key"],
  arrivals: ["further arrival"],
  drops: ["decision not to forward", "decisions not to forward"],
  outbox: ["outbox entry", "outbox entries"],
  outbox_done: ["finished entry", "finished entries"],
  attempts: ["attempt"],
  rollups: ["rollup"],
  refusals: ["refusal"],
};

/** What an export or import holds, for people: `1 team, 2 peers, 12 events`. */
export function describeSections(counts: Readonly<Partial<Record<Section, number>>>): string {
  const listed = Object.entries(WORDS).flatMap(([section, words]) => {
    const n = counts[section as Section] ?? 0;
    return n === 0 ? [] : [countOf(n, ...words)];
  });
  return listed.join(", ") || "nothing";
}
