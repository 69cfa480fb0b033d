import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { readPairingLink } from "../../../shared/links/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useNow } from "../../data/ticker.ts";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox, Field, TextArea } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Countdown } from "../../ui/time.tsx";
import { PrivateAddress } from "../peers/environment-fields.tsx";
import { offerSentences } from "./offer-words.ts";
import { isOwnMachine } from "./own-url.tsx";
import styles from "./pairing.module.css";

/** Opens a link that was made at the other hub. What it says is shown before its maker hears of it. */
export function OpenLink({ given }: { given: string }) {
  const { query } = useHub();
  const go = useGo();
  const now = useNow();
  const [text, setText] = useState(given);
  const [allowPrivate, setPrivate] = useState(false);
  const [unreachable, setUnreachable] = useState(false);
  const open = useMutation(query.pairing.open.mutationOptions());
  const read = text.trim() === "" ? null : readPairingLink(text);
  const link = text.trim();
  const preview = useQuery(
    query.pairing.preview.queryOptions({
      input: { link },
      enabled: read?.ok === true,
      placeholderData: keepPreviousData,
    }),
  );
  const about = read?.ok === true ? preview.data : undefined;
  const expired = about !== undefined && about.expiresAt <= now;
  const meet = (): void =>
    open.mutate(
      { link, allowPrivate, ...(unreachable ? { url: null } : {}) },
      { onSuccess: ({ id }) => go(`pairing/${id}`) },
    );
  return (
    <form
      className={styles.card}
      aria-label="Open a link"
      onSubmit={(event) => {
        event.preventDefault();
        meet();
      }}
    >
      <h2>Open a link from the other side</h2>
      <Field
        label="Pairing link"
        error={read?.ok === false ? read.problem : open.error === null ? null : messageOf(open.error)}
        hint="From kite://pair/ to its end."
      >
        <TextArea
          rows={4}
          spellCheck={false}
          placeholder="kite://pair/…"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            open.reset();
          }}
        />
      </Field>
      {about === undefined ? null : (
        <section className={styles.preview} aria-label="What the link says">
          <p>
            Made by <b>{about.instanceId}</b> at <code>{about.url}</code>
          </p>
          <ul>
            {offerSentences(about.offer, about.instanceId, "this hub").map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {expired ? (
            <StateMark tone="fail" shape="warning">
              Expired: ask for a new link
            </StateMark>
          ) : (
            <p>
              Expires <Countdown to={about.expiresAt} />
            </p>
          )}
        </section>
      )}
      {about === undefined ? null : (
        <>
          {isOwnMachine(about.url) ? (
            <p>This link leads to this very machine: to another hub that runs here.</p>
          ) : (
            <PrivateAddress checked={allowPrivate} onChecked={setPrivate} />
          )}
          <Checkbox
            label="The other side cannot reach this hub: it pushes nothing here"
            checked={unreachable}
            onChecked={setUnreachable}
          />
        </>
      )}
      <Button type="submit" look="primary" disabled={read?.ok !== true || open.isPending || expired}>
        {open.isPending ? "Meeting the other side…" : "Open the link"}
      </Button>
    </form>
  );
}
