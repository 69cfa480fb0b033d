import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox, Field, Input } from "../../ui/field.tsx";
import { NameConfirm } from "../../ui/name-confirm.tsx";
import { bytesWords, countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { changedFields, changeOf, conflictsOf, type DraftField, draftOf, type PeerDraft, rebased } from "./draft.ts";
import { EnvironmentField, LabelFields, PrivateAddress } from "./environment-fields.tsx";
import { fieldOf } from "./field-of.ts";
import { MasksField, masksProblem } from "./masks-field.tsx";
import { NumberField } from "./number-field.tsx";
import styles from "./peers.module.css";
import { RetryField } from "./retry-field.tsx";
import { ScopesField, scopesProblem } from "./scopes-field.tsx";

/** Everything of a peer that can be set. What is wrong stands beside its field, also what somebody else changed meanwhile. */
export function SettingsForm({ peer }: { peer: PeerView }) {
  const { query, queries } = useHub();
  const now = draftOf(peer);
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(now);
  const [version, setVersion] = useState(peer.version);
  const [token, setToken] = useState("");
  const [typed, setTyped] = useState("");
  const [retryProblem, setRetryProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const conflicts = conflictsOf(base, draft, now);
  const rebase = (): void => {
    setDraft(rebased(base, draft, now));
    setBase(now);
    setVersion(peer.version);
  };
  if (version !== peer.version && conflicts.length === 0) rebase();
  const update = useMutation(
    query.peers.update.mutationOptions({
      // What somebody else has changed is shown beside what is being edited, whether or not the hub has told of it yet.
      onError: () => queries.invalidateQueries({ queryKey: query.peers.key() }),
    }),
  );
  const changed = changedFields(base, draft);
  const count = changed.length + (token === "" ? 0 : 1);
  const sends = draft.environment === "production" && !draft.receiveOnly;
  const opens = sends && (now.environment !== "production" || now.receiveOnly);
  const set = <F extends DraftField>(field: F, value: PeerDraft[F]): void => setDraft({ ...draft, [field]: value });
  const wrong = update.error === null ? "" : fieldOf(update.error);
  const errorOf = (field: DraftField): string | null =>
    conflicts.includes(field)
      ? `Changed elsewhere meanwhile to ${shown(now[field])}. Keep yours or take theirs below.`
      : wrong === field
        ? messageOf(update.error)
        : null;
  const blocked = scopesProblem(draft.scopes) ?? masksProblem(draft.masks) ?? retryProblem;
  const reset = (): void => {
    setBase(now);
    setDraft(now);
    setVersion(peer.version);
    setToken("");
    setTyped("");
    setRetryProblem(null);
    setRound(round + 1);
    update.reset();
  };
  const save = (): void =>
    update.mutate(
      {
        id: peer.id,
        ifVersion: version,
        ...changeOf(base, draft),
        ...(token === "" ? {} : { outboundToken: token }),
        ...(opens ? { confirm: typed } : {}),
      },
      {
        onSuccess: (saved) => {
          queries.setQueryData(query.peers.list.queryKey(), (list) =>
            list?.map((each) => (each.id === saved.id ? saved : each)),
          );
          setBase(draftOf(saved));
          setDraft(draftOf(saved));
          setVersion(saved.version);
          setToken("");
          setTyped("");
          toast.done(`${saved.name} saved`);
        },
      },
    );
  return (
    <form
      key={round}
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field label="Name" error={errorOf("name")}>
        <Input value={draft.name} onChange={({ target }) => set("name", target.value)} />
      </Field>
      <Field label="Hook URL" error={errorOf("hookUrl")} hint="Where events are posted to.">
        <Input value={draft.hookUrl} spellCheck={false} onChange={({ target }) => set("hookUrl", target.value)} />
      </Field>
      <PrivateAddress checked={draft.allowPrivate} onChecked={(value) => set("allowPrivate", value)} />
      <EnvironmentField
        value={draft.environment}
        error={errorOf("environment")}
        onValue={(environment) =>
          setDraft({ ...draft, environment, receiveOnly: environment === "production" ? true : draft.receiveOnly })
        }
      />
      <LabelFields
        label={draft.label}
        colour={draft.colour}
        onLabel={(value) => set("label", value)}
        onColour={(value) => set("colour", value)}
        errors={{ label: errorOf("label"), colour: errorOf("colour") }}
      />
      <Checkbox
        label="Receive only: nothing is sent to this peer"
        checked={draft.receiveOnly}
        onChecked={(value) => set("receiveOnly", value)}
      />
      {opens ? <NameConfirm name={peer.name} value={typed} onValue={setTyped} /> : null}
      <ScopesField
        scopes={draft.scopes}
        error={errorOf("scopes")}
        onScopes={(value) => set("scopes", value)}
        label="Scopes: what is sent"
      />
      <div className={styles.columns}>
        <NumberField
          label="Hops at most"
          hint="An event that came further is not sent on."
          value={draft.maxHops}
          error={errorOf("maxHops")}
          onValue={(value) => set("maxHops", value)}
        />
        <NumberField
          label="Bytes at most"
          hint={`${bytesWords(draft.maxBytes)} for one event`}
          value={draft.maxBytes}
          error={errorOf("maxBytes")}
          onValue={(value) => set("maxBytes", value)}
        />
      </div>
      <Checkbox
        label="In order: one at a time, and none overtakes another"
        checked={draft.ordered}
        onChecked={(value) => set("ordered", value)}
      />
      <Checkbox
        label="A backlog is sent newest first"
        checked={draft.newestFirst}
        onChecked={(value) => set("newestFirst", value)}
      />
      <RetryField
        retry={draft.retry}
        error={errorOf("retry")}
        onRetry={(value) => set("retry", value)}
        onProblem={setRetryProblem}
      />
      <MasksField masks={draft.masks} error={errorOf("masks")} onMasks={(value) => set("masks", value)} />
      <Field
        label="Outbound token"
        error={wrong === "outboundToken" ? messageOf(update.error) : null}
        hint="By which this hub signs what it sends. It is never shown; type a new one to replace it."
      >
        <Input
          type="password"
          autoComplete="off"
          placeholder="unchanged"
          value={token}
          onChange={({ target }) => setToken(target.value)}
        />
      </Field>
      <footer className={styles.save}>
        {conflicts.length > 0 ? (
          <>
            <span role="alert" className={styles.problem}>
              {countOf(conflicts.length, "field was", "fields were")} changed elsewhere too.
            </span>
            <Button onClick={rebase}>Keep mine</Button>
            <Button onClick={reset}>Take theirs</Button>
          </>
        ) : (
          <>
            <span role={update.error === null ? "status" : "alert"} className={styles.problem}>
              {update.error !== null ? messageOf(update.error) : (blocked ?? "")}
            </span>
            <Button disabled={count === 0} onClick={reset}>
              Discard
            </Button>
            <Button
              type="submit"
              look="primary"
              disabled={count === 0 || blocked !== null || update.isPending || (opens && typed !== peer.name)}
            >
              {count === 0 ? "Saved" : `Save ${countOf(count, "change")}`}
            </Button>
          </>
        )}
      </footer>
    </form>
  );
}

const shown = (value: unknown): string => (typeof value === "string" ? value || "nothing" : JSON.stringify(value));
