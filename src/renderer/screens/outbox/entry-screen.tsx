import { useQuery } from "@tanstack/react-query";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useParam } from "../../shell/navigation.ts";
import { EntryDetail } from "./entry-detail.tsx";
import { useEntryActions } from "./use-entry-actions.ts";

/** One outbox entry on a screen of its own. */
export function EntryScreen() {
  const { query } = useHub();
  const id = useParam("id");
  const lanes = useQuery(query.outbox.lanes.queryOptions());
  const entry = useQuery(query.outbox.get.queryOptions({ input: { id }, retry: 0 }));
  const { again, cancel } = useEntryActions();
  const act = (run: typeof again) => (): void => {
    if (entry.data !== undefined) run(entry.data);
  };
  useActions([
    { id: "outbox.again", group: "Outbox", label: "Retry now, or replay", keys: "r", run: act(again) },
    { id: "outbox.cancel", group: "Outbox", label: "Cancel the entry", keys: "C", run: act(cancel) },
  ]);
  return <EntryDetail id={id} lanes={lanes.data ?? []} />;
}
