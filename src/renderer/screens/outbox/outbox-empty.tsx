import { HubLink } from "../../shell/hub-link.tsx";
import { useHasScreen } from "../../shell/navigation.ts";
import { EmptyState } from "../../ui/state.tsx";
import type { OutboxView } from "./search.ts";

const TEXTS: Readonly<Record<Exclude<OutboxView, "replays">, readonly [title: string, text: string]>> = {
  owed: ["Nothing is owed", "Every event was delivered, or gave up. New entries appear here as events are forwarded."],
  dead: ["No dead letters", "Nothing has given up. What a peer refuses for good, or for three days, would stand here."],
  delivered: ["Nothing was delivered yet", "Entries stay here, with their attempts, as long as retention keeps them."],
  cancelled: [
    "Nothing was cancelled",
    "Entries that a person cancels, or that a revoked peer leaves, would stand here.",
  ],
  all: ["The outbox is empty", "As soon as an event is forwarded to a peer, its entry appears here."],
};

export function OutboxEmpty({ view, peers }: { view: Exclude<OutboxView, "replays">; peers: number }) {
  const hasPeers = useHasScreen("peers");
  if (peers === 0)
    return (
      <EmptyState title="No peers yet">
        <p>
          The outbox holds what is owed to other hubs. It fills when a peer was added and an event is forwarded to it.
        </p>
        {hasPeers ? (
          <p>
            <HubLink to="peers">Add a peer</HubLink>
          </p>
        ) : null}
      </EmptyState>
    );
  const [title, text] = TEXTS[view];
  return <EmptyState title={title}>{text}</EmptyState>;
}
