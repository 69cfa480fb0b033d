import { readHead } from "../store/segments.ts";
import { Chores, Housekeeping, LinkUpkeep } from "../upkeep/index.ts";
import type { Foundation } from "./foundation.ts";
import type { Front } from "./front.ts";
import type { Opened } from "./opened.ts";
import type { HubOptions } from "./options.ts";
import type { Traffic } from "./traffic.ts";

const SWEEP_MS = 10 * 60_000;
const SCAN_MS = 60_000;
/** How often other hubs' commits are looked for, in case a notification was lost with its connection. */
const FOLLOW_MS = 1_000;

export interface Upkeep {
  readonly housekeeping: Housekeeping;
  /** Knows of sleep and of the network. */
  readonly links: LinkUpkeep;
}

/** What a hub does by the clock as long as it runs. */
export function startUpkeep(
  options: HubOptions,
  base: Foundation,
  traffic: Traffic,
  front: Front,
  opened: Opened,
): Upkeep {
  const { db, log, registry, segments, settings, tail, now, onError } = base;
  const { outbound, links, federationDebugger } = traffic;
  const chores = new Chores(onError);
  opened.add(() => chores.stop());
  const housekeeping = new Housekeeping({ db, segments, settings, keyDays: options.dedupDays, now, log, onError });
  opened.add(() => housekeeping.stop());
  chores.every(SWEEP_MS, "retention", async () => {
    await settings.refresh();
    await housekeeping.round();
  });
  chores.every(SCAN_MS, "taking notes of chains and types", () => federationDebugger.scan());
  const { app, certificate } = front;
  const linkUpkeep = new LinkUpkeep({ app, certificate, linked: links, outbound, log });
  linkUpkeep.start(chores);
  opened.add(async () => linkUpkeep.stop());
  if (options.shared)
    chores.every(FOLLOW_MS, "following other hubs", async () => {
      await settings.refresh();
      await registry.refresh();
      await tail.advanceTo((await readHead(db)).seq);
    });
  return { housekeeping, links: linkUpkeep };
}
