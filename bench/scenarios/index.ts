import type { Scenario } from "../scenario.ts";
import { accept } from "./accept.ts";
import { backlog } from "./backlog.ts";
import { badPeers } from "./bad-peers.ts";
import { batchedSenders } from "./batched-senders.ts";
import { endToEnd } from "./end-to-end.ts";
import { listeners } from "./listeners.ts";
import { logSize } from "./log-size.ts";
import { singles } from "./singles.ts";

/** In the order of the issue that asks for them. */
export const scenarios: readonly Scenario[] = [
  accept,
  endToEnd,
  singles,
  logSize,
  backlog,
  listeners,
  batchedSenders,
  badPeers,
];
