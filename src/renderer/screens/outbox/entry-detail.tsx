import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Ban, PencilLine, RotateCcw } from "lucide-react";
import { useState } from "react";
import type { EntryDetailView, LaneView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useHasScreen } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { DetailHead } from "../../ui/detail.tsx";
import { Badge } from "../../ui/mark.tsx";
import { OutcomeState } from "../../ui/outcome.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import { Attempts } from "../event/attempts.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import styles from "./outbox.module.css";
import { Schedule } from "./schedule.tsx";
import { canAgain, canCancel, useEntryActions } from "./use-entry-actions.ts";

/** One entry, whole; it stays and goes on telling, also when the list does not hold it any more. */
export function EntryDetail({ id, lanes, onClose }: { id: string; lanes: readonly LaneView[]; onClose?: () => void }) {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(
    query.outbox.get.queryOptions({ input: { id }, placeholderData: keepPreviousData, retry: 0 }),
  );
  if (error !== null && data?.id !== id)
    return <ErrorState title={`Entry ${id} cannot be shown`} error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  return <Shown entry={data} lane={lanes.find(({ peer }) => peer.no === data.peer.no)} onClose={onClose} />;
}

function Shown({
  entry,
  lane,
  onClose,
}: {
  entry: EntryDetailView;
  lane: LaneView | undefined;
  onClose: (() => void) | undefined;
}) {
  const go = useGo();
  const hasPeers = useHasScreen("peers/$id");
  const { again, cancel } = useEntryActions();
  const [editing, setEditing] = useState(false);
  const { id, seq, event, peer } = entry;
  const edit = (): void => setEditing(true);
  useActions([
    { id: "entry.edit", group: "Outbox", label: "Edit and resend", keys: "E", run: edit },
    {
      id: "entry.event",
      group: "Outbox",
      label: "Open the event of this entry",
      keys: "o",
      run: () => go(`event/${seq}`),
    },
  ]);
  return (
    <article className={styles.detail} aria-label={`Entry ${id}`}>
      <DetailHead
        title={event?.type ?? "An event that retention has taken"}
        open={onClose === undefined ? undefined : { label: "Open entry", run: () => go(`outbox/${id}`) }}
        onClose={onClose}
        facts={
          <>
            <OutcomeState state={entry.state} />
            <span>to {hasPeers ? <HubLink to={`peers/${peer.id}`}>{peer.name}</HubLink> : peer.name}</span>
            <HubLink to={`event/${seq}`}>Seq {countWords(seq)}</HubLink>
            <span>{event?.source}</span>
            <span>
              queued <Time at={entry.createdAt} />
            </span>
            {entry.replay ? <Badge>Replay</Badge> : null}
          </>
        }
        actions={
          <>
            <Button keys="r" disabled={!canAgain(entry)} onClick={() => again(entry)}>
              <RotateCcw aria-hidden="true" />
              {entry.state === "pending" ? "Retry now" : "Replay"}
            </Button>
            <Button keys="E" disabled={event === null} onClick={edit} title="Edit and resend">
              <PencilLine aria-hidden="true" />
              Edit…
            </Button>
            <Button keys="C" disabled={!canCancel(entry)} onClick={() => cancel(entry)}>
              <Ban aria-hidden="true" />
              Cancel
            </Button>
          </>
        }
      />
      <Schedule entry={entry} lane={lane} />
      {entry.lastError === null ? null : (
        <section className={styles.error} aria-label="Last error">
          <h3 className={styles.heading}>Last error</h3>
          <CodeBlock text={entry.lastError} what="the last error" />
        </section>
      )}
      <h3 className={`${styles.heading} ${styles.padded}`}>Attempts</h3>
      {entry.attempts.length === 0 ? (
        <p className={styles.nothing}>Nothing was sent so far.</p>
      ) : (
        <Attempts event={{ attempts: [...entry.attempts].sort((a, b) => b.at - a.at) }} />
      )}
      {editing ? <EditDialog entry={entry} onClose={() => setEditing(false)} /> : null}
    </article>
  );
}
