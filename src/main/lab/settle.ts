import { setTimeout as sleep } from "node:timers/promises";
import type { LabHubs } from "./lab-hubs.ts";

const POLL_MS = 50;

/**
 * Waits until nothing is owed anywhere. An entry leaves its outbox only after the receiver has committed the event with
 * its own entries, and each of these steps is counted: two looks that find nothing owed and the same counts prove that
 * nothing is under way.
 * @param except links whose entries may be owed still
 * @throws Error after `timeoutMs`, naming the hubs that owe something
 */
export async function settled(lab: LabHubs, except: readonly string[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const ignored = new Set(except.map((link) => lab.peerOf(link)));
  let before = "";
  for (;;) {
    const looks = await Promise.all(
      lab.hubs.map(async ({ key, client }) => ({
        key,
        owes: await client.owes(ignored),
        counts: await client.counts(),
      })),
    );
    const now = JSON.stringify(looks.map(({ counts }) => counts));
    const owing = looks.filter(({ owes }) => owes).map(({ key }) => key);
    if (owing.length === 0 && now === before) return;
    before = owing.length === 0 ? now : "";
    if (performance.now() > deadline)
      throw new Error(
        owing.length === 0
          ? `The hubs did not come to rest within ${timeoutMs} ms.`
          : `After ${timeoutMs} ms, ${owing.join(", ")} still owe events to peers. Heal the links, name them in "except", or raise "timeoutMs".`,
      );
    await sleep(POLL_MS);
  }
}
