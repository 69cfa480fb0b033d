import type { Scenario } from "../scenario.ts";
import { accept } from "./accept.ts";
import { backlog } from "./backlog.ts";
import { badPeers } from "./bad-peers.ts";
import { batchedSenders } from "./batched-senders.ts";
import { consoleFilter } from "./console-filter.ts";
import { consoleMemory } from "./console-memory.ts";
import { consoleScroll } from "./console-scroll.ts";
import { consoleSize } from "./console-size.ts";
import { consoleStart } from "./console-start.ts";
import { consoleStream } from "./console-stream.ts";
import { endToEnd } from "./end-to-end.ts";
import { listeners } from "./listeners.ts";
import { logSize } from "./log-size.ts";
import { singles } from "./singles.ts";

/** In the order of the issues that ask for them. */
export const scenarios: readonly Scenario[] = [
  accept,
  endToEnd,
  singles,
  logSize,
  backlog,
  listeners,
  batchedSenders,
  badPeers,
  consoleStream,
  consoleFilter,
  consoleScroll,
  consoleStart,
  consoleSize,
  consoleMemory,
];
