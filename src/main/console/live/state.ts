import type { HubState } from "../../../shared/contract/index.ts";
import type { HubInside } from "../../hub/index.ts";
import { Waker } from "./waker.ts";

/** How often the state is looked at, and how long silence may last. Milliseconds. */
const LOOK_MS = 2_000;
const SILENCE_MS = 10_000;
const PING_MS = 3_000;

/** The state of the hub, each change of it, and a sign of life. */
export async function* hubState(
  inside: Pick<HubInside, "health" | "news" | "now" | "startedAt" | "tail">,
  signal: AbortSignal | undefined,
): AsyncGenerator<HubState> {
  const waker = new Waker(signal);
  const end = inside.news.stopping.on(() => waker.wake());
  let told = "";
  let toldAt = Number.NEGATIVE_INFINITY;
  try {
    for (;;) {
      const state = await look(inside);
      const what = JSON.stringify([state.phase, state.problems]);
      if (what !== told || state.now - toldAt >= SILENCE_MS - LOOK_MS) {
        [told, toldAt] = [what, state.now];
        yield state;
      }
      if (!(await waker.wait(LOOK_MS))) return;
    }
  } finally {
    end();
    waker.close();
  }
}

async function look({ health, now, startedAt, tail }: Parameters<typeof hubState>[0]): Promise<HubState> {
  const phase = health.phase();
  const problems: string[] = [];
  if (phase === "running" && !(await answers(health.pingDatabase())))
    problems.push("The database does not answer: nothing can be accepted or shown until it is back.");
  return {
    phase:
      phase === "stopping"
        ? "stopping"
        : phase !== "running"
          ? "starting"
          : problems.length > 0
            ? "degraded"
            : "running",
    problems,
    now: now(),
    uptime: now() - startedAt,
    head: tail.seq,
  };
}

async function answers(ping: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_MS);
  });
  const answered = ping.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  return result;
}
