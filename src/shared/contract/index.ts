import type { ContractRouterClient } from "@orpc/contract";
import { attempts } from "./attempts.ts";
import { explain, lint, loops } from "./debugger.ts";
import { endpoints } from "./endpoints.ts";
import { events } from "./events.ts";
import { hub } from "./hub.ts";
import { hubs } from "./hubs.ts";
import { keys } from "./keys.ts";
import { lab } from "./lab.ts";
import { links } from "./links.ts";
import { listeners } from "./listeners.ts";
import { outbox } from "./outbox.ts";
import { overview } from "./overview.ts";
import { pairing } from "./pairing.ts";
import { peers } from "./peers.ts";
import { refusals } from "./refusals.ts";
import { replays } from "./replays.ts";
import { settings, views } from "./settings.ts";
import { topology } from "./topology.ts";

/** All that the console may ask of a hub, with its input and output checked on both ends. One member for each noun. */
export const contract = {
  hub,
  hubs,
  overview,
  topology,
  events,
  outbox,
  attempts,
  replays,
  peers,
  links,
  pairing,
  listeners,
  endpoints,
  refusals,
  keys,
  settings,
  views,
  explain,
  lint,
  loops,
  lab,
};
export type Contract = typeof contract;

/** What the renderer calls. */
export type ConsoleClient = ContractRouterClient<Contract>;

export * from "./attempts.ts";
export * from "./debugger.ts";
export * from "./endpoints.ts";
export * from "./events.ts";
export * from "./hub.ts";
export * from "./hubs.ts";
export * from "./keys.ts";
export * from "./lab.ts";
export * from "./links.ts";
export * from "./listeners.ts";
export * from "./outbox.ts";
export * from "./overview.ts";
export * from "./pairing.ts";
export * from "./peers.ts";
export * from "./refusals.ts";
export * from "./replays.ts";
export * from "./settings.ts";
export * from "./topology.ts";
export * from "./values.ts";
