import type { Topic } from "../../../shared/contract/index.ts";
import type { Services } from "../services.ts";
import { Waker } from "./waker.ts";

/** The shortest time between two messages. Milliseconds. */
const PACE_MS = 500;

/** What has changed, gathered; the first message is empty. */
export async function* changes(
  services: Pick<Services, "inside" | "changed">,
  signal: AbortSignal | undefined,
  paceMs = PACE_MS,
): AsyncGenerator<{ topics: Topic[] }> {
  const waker = new Waker(signal);
  const gathered = new Set<Topic>();
  const end = followTopics(services, (topics) => {
    for (const topic of topics) gathered.add(topic);
    waker.wake();
  });
  const pace = new Waker(signal);
  try {
    yield { topics: [] };
    for (;;) {
      if (!(await waker.wait())) return;
      if (gathered.size === 0) continue;
      const topics = [...gathered];
      gathered.clear();
      yield { topics };
      if (!(await pace.wait(paceMs))) return;
    }
  } finally {
    end();
    waker.close();
    pace.close();
  }
}

const EVENTS: readonly Topic[] = ["events"];
const ENTRIES: readonly Topic[] = ["outbox", "lanes"];
const REGISTRY: readonly Topic[] = ["peers", "links", "lanes", "endpoints", "keys"];

function followTopics(
  { inside, changed }: Pick<Services, "inside" | "changed">,
  tell: (topics: readonly Topic[]) => void,
): () => void {
  const { news, tail, registry } = inside;
  const ends = [
    tail.subscribe(() => tell(EVENTS)),
    news.committed.on(({ entries }) => {
      if (entries.length > 0) tell(ENTRIES);
    }),
    news.settled.on(() => tell(ENTRIES)),
    news.touched.on(() => tell(ENTRIES)),
    news.arrived.on(() => tell(EVENTS)),
    news.refused.on(() => tell(["refusals", "endpoints"])),
    news.sessions.on(() => tell(["listeners"])),
    news.replays.on(() => tell(["replays"])),
    registry.onChange(() => tell(REGISTRY)),
    inside.settings.onChange(() => tell(["settings"])),
    inside.links.pairing.moved.on(() => tell(["pairing"])),
    inside.links.changed.on(() => tell(["links"])),
    changed.on((topic) => tell([topic])),
  ];
  return () => {
    for (const end of ends) end();
  };
}
