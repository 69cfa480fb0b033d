import type { LabHubs } from "./lab-hubs.ts";

/** An event as one hub of a lab has it, among those of all hubs. */
export interface TimelineEntry {
  readonly at: string;
  readonly hub: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly hops: number;
  readonly chain: readonly string[];
}

/** The latest events of all hubs of a lab as one list, newest first. They share one clock, so it is the order of time. */
export async function timelineOf(lab: LabHubs, limit: number): Promise<TimelineEntry[]> {
  const logs = await Promise.all(
    lab.hubs.map(async ({ key, client }) => {
      const events = await client.newest(limit);
      return events.map(({ received_at, seq, id, type, copy }) => ({
        at: received_at,
        hub: key,
        seq,
        id,
        type,
        hops: copy.hops,
        chain: copy.chain,
      }));
    }),
  );
  return logs
    .flat()
    .sort((a, b) => b.at.localeCompare(a.at) || b.hops - a.hops)
    .slice(0, limit);
}
