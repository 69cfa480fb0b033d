import { useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { toast } from "../../ui/toasts.tsx";
import styles from "./explain.module.css";
import { ExplainSearch } from "./search.ts";

const Failure = z.object({
  data: z.object({ event_id: z.string(), event_type: z.string(), peer_name: z.string(), reason: z.string() }),
});

/** An event that tells of another one, which was not delivered: what people want explained is that other one. */
export function ToldFailure({ seq }: { seq: number }) {
  const { query, client } = useHub();
  const [, setSearch] = useScreenSearch(ExplainSearch);
  const { data: event } = useQuery(query.events.get.queryOptions({ input: { seq } }));
  const failure = event === undefined ? null : readFailure(event.event);
  const follow = async (): Promise<void> => {
    if (failure === null) return;
    try {
      const [found] = await client.events.findById({ id: failure.event_id });
      if (found === undefined) toast.failed("It is not in the log any more", `Retention took ${failure.event_id}.`);
      else setSearch({ seq: found, node: undefined, edge: undefined }, "pushed");
    } catch (error) {
      toast.failed("It was not found", messageOf(error));
    }
  };
  useActions(
    failure === null
      ? []
      : [
          {
            id: "explain.told",
            group: "Explain",
            label: "Explain the event that was not delivered",
            keys: "f",
            run: () => void follow(),
          },
        ],
  );
  if (failure === null) return null;
  const { event_type, peer_name, reason } = failure;
  return (
    <section aria-label="What it tells of" className={styles.told}>
      <p>
        It tells of an event of type {event_type} that did not get to {peer_name}: {reasonWords(reason)}.
      </p>
      <Button look="primary" keys="f" onClick={() => void follow()}>
        Explain that event
      </Button>
    </section>
  );
}

function readFailure(text: string): z.infer<typeof Failure>["data"] | null {
  try {
    return Failure.safeParse(JSON.parse(text)).data?.data ?? null;
  } catch {
    return null;
  }
}
