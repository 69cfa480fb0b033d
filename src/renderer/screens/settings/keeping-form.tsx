import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { HubSettings } from "../../../shared/hub-settings.ts";
import { messageOf, problemsOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Field, Input, RadioGroup } from "../../ui/field.tsx";
import { FormError } from "../../ui/form-error.tsx";
import { toast } from "../../ui/toasts.tsx";
import { changesBetween, draftOf, type KeepingDraft, readDraft } from "./keeping-draft.ts";
import { RetentionPreview } from "./retention-preview.tsx";
import { Section } from "./section.tsx";
import styles from "./settings.module.css";

const FIELDS = ["retentionDays", "retentionMb", "keepPayload", "keepPayloadBytes", "keepRefusedBytes"] as const;

/** Changed in place, saved by a button, and set back by Undo. */
export function KeepingForm({ saved }: { saved: HubSettings }) {
  const { query, client } = useHub();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<KeepingDraft>(() => draftOf(saved));
  const { settings, problems } = readDraft(draft);
  const changes = settings === null ? {} : changesBetween(saved, settings);
  const dirty = settings === null || Object.keys(changes).length > 0;
  const put = (now: HubSettings): void => {
    queries.setQueryData(query.settings.get.queryKey(), now);
    setDraft(draftOf(now));
  };
  const undo = (before: HubSettings): void => {
    client.settings.update(before).then(put, (error: unknown) => toast.failed("Not set back", messageOf(error)));
  };
  const save = useMutation(
    query.settings.update.mutationOptions({
      onSuccess: (now) => {
        const before = saved;
        put(now);
        toast.undo("Saved, and in force", () => undo(before));
      },
    }),
  );
  const refused = problemsOf(save.error, FIELDS);
  // What somebody else saved meanwhile stands where nothing was written here.
  const text = JSON.stringify(saved);
  useEffect(() => setDraft(draftOf(JSON.parse(text))), [text]);

  const set = (change: Partial<KeepingDraft>): void => {
    save.reset();
    setDraft({ ...draft, ...change });
  };
  const field = (name: "retentionDays" | "retentionMb" | "keepPayloadBytes" | "keepRefusedBytes") => ({
    inputMode: "numeric" as const,
    value: draft[name],
    onChange: ({ target }: { target: { value: string } }) => set({ [name]: target.value }),
  });
  const wrong = (name: (typeof FIELDS)[number]): string | undefined => problems[name] ?? refused[name];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (settings !== null && dirty) save.mutate(changes);
  };
  return (
    <form className={styles.section} onSubmit={submit} aria-label="What is kept">
      <Section title="Retention">
        <p className={styles.note}>
          Whole stretches of the log go, oldest first, when their youngest event is past a limit. What is owed to a peer
          is never dropped. Counts and charts stay for 90 days.
        </p>
        <div className={styles.pair}>
          <Field label="Keep events for, days" error={wrong("retentionDays")}>
            <Input {...field("retentionDays")} />
          </Field>
          <Field label="Keep at most, MB" error={wrong("retentionMb")} hint="0 is no limit.">
            <Input {...field("retentionMb")} />
          </Field>
        </div>
        <RetentionPreview settings={settings} />
      </Section>
      <Section title="Payloads">
        <RadioGroup
          label="Once an event is delivered to all its peers, keep"
          value={draft.keepPayload}
          onValue={(keepPayload) => set({ keepPayload })}
          options={[
            { value: "all", label: "all of its payload: it can be read and replayed" },
            { value: "cut", label: "the first part of it: enough to know it again, not to replay it" },
            { value: "none", label: "nothing of it: the event, its way and its decisions stay" },
          ]}
        />
        {draft.keepPayload === "cut" ? (
          <div className={styles.pair}>
            <Field label="First part, bytes" error={wrong("keepPayloadBytes")}>
              <Input {...field("keepPayloadBytes")} />
            </Field>
          </div>
        ) : null}
        {saved.keepPayload === "all" && draft.keepPayload !== "all" ? (
          <p className={styles.note}>Payloads that are here already are reduced too, and cannot be had back.</p>
        ) : null}
      </Section>
      <Section title="Refused requests">
        <div className={styles.pair}>
          <Field
            label="Keep of each body, bytes"
            error={wrong("keepRefusedBytes")}
            hint="0 keeps none. Bodies may hold what strangers send."
          >
            <Input {...field("keepRefusedBytes")} />
          </Field>
        </div>
      </Section>
      <FormError>{refused.form}</FormError>
      <div className={styles.foot}>
        <Button type="submit" look="primary" disabled={!dirty || settings === null || save.isPending}>
          Save
        </Button>
        <Button disabled={!dirty} onClick={() => set(draftOf(saved))}>
          Discard
        </Button>
        <span className={styles.note}>{dirty ? "Not saved yet" : "As saved"}</span>
      </div>
    </form>
  );
}
