import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Duration, Time } from "./values.ts";

/** Which hub this is, and how programs reach it. Secrets are fetched one at a time, when a person asks to see them. */
export const HubAbout = z.object({
  instanceId: z.string(),
  version: z.string(),
  team: z.string(),
  teams: z.array(z.string()),
  url: z.string(),
  /** The path of the endpoint printed at the start, without its token. */
  hookUrl: z.string(),
  dataDir: z.string().nullable(),
  database: z.enum(["embedded", "external"]),
  startedAt: Time,
  platform: z.string(),
});
export type HubAbout = z.infer<typeof HubAbout>;

/** What newcomers paste into a terminal; holds secrets of this machine's own hub. */
export const FirstSteps = z.object({
  hookUrl: z.string(),
  curl: z.string(),
  kiteStream: z.string(),
  apiKey: z.string(),
  adminKey: z.string(),
});
export type FirstSteps = z.infer<typeof FirstSteps>;

/** What may have changed; the console asks again for what it shows of it. */
export const TOPICS = [
  "events",
  "outbox",
  "lanes",
  "peers",
  "links",
  "pairing",
  "listeners",
  "refusals",
  "replays",
  "endpoints",
  "keys",
  "settings",
  "views",
  "lab",
] as const;
export type Topic = (typeof TOPICS)[number];

/** How the hub is, sent at once and after every change. */
export const HubState = z.object({
  phase: z.enum(["starting", "running", "degraded", "stopping"]),
  /** Why it is not simply running, as sentences. */
  problems: z.array(z.string()),
  /** The clock of the hub when this was sent, for countdowns on screens whose clock differs. */
  now: Time,
  uptime: Duration,
  head: z.int(),
});
export type HubState = z.infer<typeof HubState>;

export const hub = {
  about: consoleCall.output(HubAbout),
  firstSteps: consoleCall.output(FirstSteps),
  /** The state of the hub, and then each change of it; a message at least every 10 s, so that silence means trouble. */
  state: consoleCall.output(eventIterator(HubState)),
  /** What has changed, at most twice a second for each topic. The first message is empty: from here on nothing is missed. */
  changes: consoleCall.output(eventIterator(z.object({ topics: z.array(z.enum(TOPICS)) }))),
};
