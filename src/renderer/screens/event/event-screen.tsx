import { useParam } from "../../shell/navigation.ts";
import { EmptyState } from "../../ui/state.tsx";
import { EventView } from "./event-view.tsx";

/** What happened to one event. */
export function EventScreen() {
  const seq = Number(useParam("seq"));
  if (!Number.isSafeInteger(seq) || seq < 1)
    return (
      <EmptyState title="This is no seq">An event's address ends in its place in the log, a whole number.</EmptyState>
    );
  return <EventView seq={seq} />;
}
