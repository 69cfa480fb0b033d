import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { EntryView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, TextArea } from "../../ui/field.tsx";
import { jsonLines } from "../../ui/json-lines.ts";
import { jsonProblem } from "../../ui/json-problem.ts";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { dataOf } from "../event/copyables.ts";
import { differences } from "../event/differences.ts";
import styles from "./edit-dialog.module.css";

/** Changes the data of an entry's event by hand and sends it to the same peer, as a new event. */
export function EditDialog({ entry, onClose }: { entry: EntryView; onClose: () => void }) {
  const { query } = useHub();
  const event = useQuery(
    query.events.get.queryOptions({ input: { seq: entry.seq }, staleTime: Number.POSITIVE_INFINITY }),
  );
  const original = event.data === undefined ? null : (dataOf(event.data) ?? "null");
  return original === null ? (
    <Dialog open onClose={onClose} title="Edit and resend">
      {event.error === null ? <Skeleton /> : <ErrorState title="The event cannot be read" error={event.error} />}
    </Dialog>
  ) : (
    <Editor entry={entry} original={original} cut={event.data?.dataCut === true} onClose={onClose} />
  );
}

function Editor({
  entry,
  original,
  cut,
  onClose,
}: {
  entry: EntryView;
  original: string;
  cut: boolean;
  onClose: () => void;
}) {
  const { query } = useHub();
  const go = useGo();
  const [text, setText] = useState(() => indented(original));
  const send = useMutation(
    query.outbox.editAndResend.mutationOptions({
      onSuccess({ seq }) {
        toast.done(`Sent to ${entry.peer.name} as seq ${seq}`);
        onClose();
        go(`event/${seq}`);
      },
    }),
  );
  const problem = jsonProblem(text);
  const changes = problem === null ? differences(original, text) : null;
  const submit = (): void => {
    if (problem === null && !send.isPending) send.mutate({ id: entry.id, body: text });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      width={860}
      title="Edit and resend"
      about={`${entry.event?.type ?? "The event"} goes to ${entry.peer.name} as a new event with an id of its own. ${
        entry.state === "pending" || entry.state === "dead" ? "This entry is cancelled." : "This entry stays as it is."
      }`}
      actions={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button look="primary" keys="mod+Enter" disabled={problem !== null || send.isPending} onClick={submit}>
            Send 1 event to {entry.peer.name}
          </Button>
        </>
      }
    >
      <div className={styles.sides}>
        <Field
          label="Data"
          error={problem ?? (send.error === null ? null : messageOf(send.error))}
          hint={cut ? "The data was cut by the setting for payloads: this is not all of it." : undefined}
        >
          <TextArea
            rows={18}
            spellCheck={false}
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
            }}
          />
        </Field>
        <section aria-label="Changes" className={styles.changes}>
          <h3 className={styles.heading} aria-live="polite">
            {changes === null ? "Changes" : changes.length === 0 ? "No changes yet" : countOf(changes.length, "change")}
          </h3>
          <ul className={styles.list}>
            {changes?.map(({ path, held, other }) => (
              <li key={path}>
                <span className={styles.path}>{path}</span>
                {held === null ? null : (
                  <del className={styles.was}>
                    <span aria-hidden="true">− </span>
                    {held}
                  </del>
                )}
                {other === null ? null : (
                  <ins className={styles.is}>
                    <span aria-hidden="true">+ </span>
                    {other}
                  </ins>
                )}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Dialog>
  );
}

/** JSON on lines of its own, each value as it was written, so that no number loses digits. */
function indented(text: string): string {
  return jsonLines(text)
    .map(({ depth, key, value, kind, comma }) => {
      const name = key === null || kind === "close" ? "" : `${key}: `;
      return `${"  ".repeat(depth)}${name}${value}${comma ? "," : ""}`;
    })
    .join("\n");
}
