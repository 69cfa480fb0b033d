import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { ReplayJobView, ReplayRequest } from "../../shared/contract/index.ts";
import { messageOf } from "../data/error-message.ts";
import { useHub } from "../data/hub.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Progress } from "../ui/progress.tsx";
import { countOf } from "../ui/time-words.ts";
import { allNamed, ProductionNames, type Typed } from "./production-names.tsx";

const ANY = {
  peerId: null,
  state: null,
  cause: null,
  reason: null,
  type: null,
  since: null,
  until: null,
  entryIds: null,
  seqs: null,
};

/** A filter of a replay by what it asks for, and nothing else. */
export const replayFilter = (asked: Partial<ReplayRequest["filter"]>): ReplayRequest["filter"] => ({
  ...ANY,
  ...asked,
});

/**
 * Sends again: says first how many deliveries that makes, asks for the name of every production peer it may go to, and
 * then follows the job.
 */
export function ReplayDialog({
  title,
  about,
  request,
  onClose,
  children,
}: {
  title: string;
  about: ReactNode;
  request: ReplayRequest;
  onClose: () => void;
  /** What can be chosen; not shown any more when the replay runs. */
  children: ReactNode;
}) {
  const { query } = useHub();
  const [typed, setTyped] = useState<Typed>({});
  const count = useQuery(query.replays.count.queryOptions({ input: request, staleTime: 0 }));
  const create = useMutation(query.replays.create.mutationOptions());
  const production = count.data?.production ?? [];
  const words = count.data === undefined ? "" : countOf(count.data.count, "delivery", "deliveries");
  if (create.data !== undefined)
    return (
      <Dialog open onClose={onClose} title={title} about={about} actions={<Button onClick={onClose}>Close</Button>}>
        <Under job={create.data} />
      </Dialog>
    );
  const error = create.error ?? count.error;
  const countSays =
    count.data === undefined
      ? "Counting…"
      : count.data.count === 0
        ? "There is nothing to replay."
        : `${words} would be made.`;
  const ready = Boolean(count.data?.count) && allNamed(production, typed) && !create.isPending;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      about={about}
      actions={
        <>
          <span style={{ flex: 1 }} role="status">
            {count.error === null ? countSays : ""}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={production.length > 0 ? "danger" : "primary"}
            disabled={!ready}
            onClick={() => create.mutate({ ...request, confirm: [...production] })}
          >
            Replay {words}
          </Button>
        </>
      }
    >
      {children}
      <ProductionNames names={production} typed={typed} onTyped={setTyped} />
      {error === null ? null : <p role="alert">{messageOf(error)}</p>}
    </Dialog>
  );
}

const isOver = ({ state }: ReplayJobView): boolean => state !== "queued" && state !== "running";

/** A job from its start to its end. */
function Under({ job: made }: { job: ReplayJobView }) {
  const { query } = useHub();
  const cancel = useMutation(query.replays.cancel.mutationOptions());
  const { data: job = made } = useQuery(query.replays.get.queryOptions({ input: { id: made.id } }));
  return (
    <>
      <Progress
        label={job.error ?? `Replay ${job.state}`}
        done={job.done + job.skipped}
        total={job.total}
        onCancel={isOver(job) ? undefined : () => cancel.mutate({ id: job.id })}
      />
      {cancel.error === null ? null : <p role="alert">{messageOf(cancel.error)}</p>}
    </>
  );
}
