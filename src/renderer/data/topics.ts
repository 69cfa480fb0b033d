import type { Contract, Topic } from "../../shared/contract/index.ts";

type Noun = keyof Contract;

/** Which nouns of the contract have to be asked again when a topic changed. */
const NOUNS: Readonly<Record<Topic, readonly Noun[]>> = {
  events: ["events", "listeners", "overview"],
  outbox: ["outbox", "attempts", "events", "overview"],
  lanes: ["outbox", "links", "overview"],
  peers: ["peers", "links", "topology", "explain", "lint", "outbox", "overview"],
  links: ["links", "topology", "explain", "lint", "overview"],
  pairing: ["pairing"],
  listeners: ["listeners", "links", "overview"],
  refusals: ["refusals", "endpoints", "overview"],
  replays: ["replays"],
  endpoints: ["endpoints", "overview"],
  keys: ["keys"],
  settings: ["settings"],
  views: ["views"],
  lab: ["hubs", "lab"],
};

/** Each noun once. */
export function nounsOf(topics: readonly Topic[]): Noun[] {
  return [...new Set(topics.flatMap((topic) => NOUNS[topic] ?? []))];
}
