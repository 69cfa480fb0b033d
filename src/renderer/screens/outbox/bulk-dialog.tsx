import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { allNamed, ProductionNames, type Typed } from "../../replay/production-names.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { type Bulk, countBulk, runBulk } from "./bulk.ts";

const entries = (count: number): string => countOf(count, "entry", "entries");

/** Says how many entries an action would touch, and then does it: a replay as a job, a cancel after the time to undo. */
export function BulkDialog({ bulk, onClose, onDone }: { bulk: Bulk; onClose: () => void; onDone: () => void }) {
  const { client } = useHub();
  const { data, error } = useQuery({ queryKey: ["bulk", bulk], queryFn: () => countBulk(client, bulk), gcTime: 0 });
  const [typed, setTyped] = useState<Typed>({});
  const production = data?.production ?? [];
  const verb = bulk.kind === "cancel" ? "Cancel" : bulk.owed ? "Retry" : "Replay";
  const what = data === undefined ? "entries" : entries(data.count);
  const act = async (): Promise<void> => {
    if (bulk.kind === "cancel") {
      onDone();
      toast.undoable(`${what} will be cancelled`, () => {
        runBulk(client, bulk, []).then(
          (count) => toast.done(`${entries(count ?? 0)} cancelled`),
          (problem: unknown) => toast.failed("Not cancelled", messageOf(problem)),
        );
      });
      return;
    }
    const count = await runBulk(client, bulk, production);
    onDone();
    if (count === null)
      toast.done(`Replay of ${what} under way`, "Its progress stands above the list and under Replays.");
    else toast.done(`${entries(count)} due now`);
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`${verb} ${what}${bulk.owed && bulk.kind === "again" ? " now" : ""}?`}
      about={error === null ? ABOUT[verb] : messageOf(error)}
      look={bulk.kind === "cancel" || production.length > 0 ? "danger" : "primary"}
      confirm={`${verb} ${what}`}
      count={data?.count ?? null}
      ready={allNamed(production, typed)}
      onConfirm={act}
    >
      {production.length === 0 ? null : <ProductionNames names={production} typed={typed} onTyped={setTyped} />}
    </ConfirmDialog>
  );
}

const ABOUT = {
  Cancel: "They will not be tried any more. What is being sent at this moment is not stopped.",
  Retry: "They become due at once, in their places; their schedules go on from there if they fail.",
  Replay: "They are sent again with the ids they had, by the decisions of then, as a job that can be stopped.",
} as const;
