import type { Bench } from "../scenario.ts";
import { type Link, link } from "../systems/hub-pair.ts";
import { startPgBoss } from "../systems/pg-boss.ts";
import { headOf } from "../systems/sql.ts";
import type { Way } from "./end-to-end-run.ts";

/** A way over two hubs, and their link. */
export interface HubWay extends Way {
  readonly link: Link;
}

/**
 * Two hubs, the first of which forwards to the second.
 * @param options `batches: false` makes the receiver keep quiet about batches, so that each event is a delivery
 */
export async function hubWay(
  bench: Bench,
  options: { readonly label: string; readonly names: readonly [string, string]; readonly batches: boolean },
): Promise<HubWay> {
  const { label, names, batches } = options;
  const env = batches ? {} : { KITE_ACCEPT_BATCHES: "false" };
  const [from, to] = await Promise.all([bench.startHub({ name: names[0] }), bench.startHub({ name: names[1], env })]);
  return {
    label,
    link: await link(from, to),
    target: from.target,
    listen: to.stream,
    cpuGroups: [...from.cpuGroups, ...to.cpuGroups],
    // Seqs have no gaps: the newest one is the number of events.
    stored: () => headOf(to.connection),
  };
}

/** The assembly one would put together instead. */
export async function pgBossWay(bench: Bench): Promise<Way> {
  const assembly = await startPgBoss(bench.folder, bench.resources);
  return { label: "pg-boss", ...assembly };
}
