import type { EntryView } from "../../../shared/contract/index.ts";
import { sourcesOf } from "../../../shared/rules/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { toast } from "../../ui/toasts.tsx";

type Stated = Pick<EntryView, "state">;

/** Can it be made due now, or be sent once more? */
export const canAgain = ({ state }: Stated): boolean => state !== "sending";

export const canCancel = ({ state }: Stated): boolean => sourcesOf("cancel").includes(state);

const nameOf = ({ event, seq, peer }: EntryView): string => `${event?.type ?? `Seq ${seq}`} to ${peer.name}`;

/** What a person does to one entry. */
export function useEntryActions(): {
  readonly again: (entry: EntryView) => void;
  readonly cancel: (entry: EntryView) => void;
} {
  const { client } = useHub();
  const run = async (act: () => Promise<unknown>, done: string | null, failed: string): Promise<void> => {
    try {
      await act();
      if (done !== null) toast.done(done);
    } catch (error) {
      toast.failed(failed, messageOf(error));
    }
  };
  return {
    again(entry) {
      const { id } = entry;
      if (entry.state === "pending")
        void run(() => client.outbox.retryNow({ id }), `Due now: ${nameOf(entry)}`, "Not retried");
      else if (canAgain(entry))
        void run(() => client.outbox.replay({ id }), `Queued again: ${nameOf(entry)}`, "Not replayed");
    },
    cancel(entry) {
      if (!canCancel(entry)) return;
      const { id } = entry;
      toast.undoable(`1 entry will be cancelled: ${nameOf(entry)}`, () => {
        void run(() => client.outbox.cancel({ id }), null, "Not cancelled");
      });
    },
  };
}
