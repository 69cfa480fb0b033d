import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { PairingView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox, Field, Input } from "../../ui/field.tsx";
import { NameConfirm } from "../../ui/name-confirm.tsx";
import { EnvironmentField, LabelFields } from "../peers/environment-fields.tsx";
import { fieldOf } from "../peers/field-of.ts";
import styles from "./pairing.module.css";
import { Words } from "./words.tsx";

interface CompareProps {
  readonly pairing: PairingView;
  /** What is agreed to by confirming. */
  readonly agreed: ReactNode;
  /** The way out, beside the way on. */
  readonly refuse: ReactNode;
}

/** The same words on both sides, and what the other side is to its owner. */
export function Compare({ pairing, agreed, refuse }: CompareProps) {
  const { query } = useHub();
  const [name, setName] = useState(pairing.other?.instanceId ?? "");
  const [environment, setEnvironment] = useState<"production" | "staging" | "other">("other");
  const [label, setLabel] = useState("");
  const [colour, setColour] = useState("");
  const [send, setSend] = useState(false);
  const [typed, setTyped] = useState("");
  const confirm = useMutation(query.pairing.confirm.mutationOptions());
  const wrong = confirm.error === null ? "" : fieldOf(confirm.error);
  const errorOf = (field: string): string | null => (wrong === field ? messageOf(confirm.error) : null);
  const sends = environment === "production" && send;
  return (
    <form
      className={styles.compare}
      aria-label="Compare and confirm"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate({
          id: pairing.id,
          ...(name.trim() === "" ? {} : { name: name.trim() }),
          environment,
          label: label === "" ? null : label,
          colour: colour === "" ? null : colour,
          ...(sends ? { sendTo: typed } : {}),
        });
      }}
    >
      <Words words={pairing.words ?? ""} />
      <p>
        Does the other side show these words? Compare them by another way than the link took: on the phone, or side by
        side. If they differ, somebody stands between.
      </p>
      {agreed}
      <Field label="Name of the peer here" error={errorOf("name")}>
        <Input value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      <EnvironmentField value={environment} onValue={setEnvironment} error={errorOf("environment")} />
      {environment === "production" ? (
        <>
          <Checkbox
            label="Also send to it. Otherwise it is receive only: nothing leaves this hub for it"
            checked={send}
            onChecked={setSend}
          />
          {send ? <NameConfirm name={name} value={typed} onValue={setTyped} /> : null}
        </>
      ) : null}
      <details className={styles.more} open={["label", "colour"].includes(wrong) ? true : undefined}>
        <summary>How it is marked on screens</summary>
        <div className={styles.fields}>
          <LabelFields
            label={label}
            colour={colour}
            onLabel={setLabel}
            onColour={setColour}
            errors={{ label: errorOf("label"), colour: errorOf("colour") }}
          />
        </div>
      </details>
      {confirm.error === null || wrong !== "" ? null : <p role="alert">{messageOf(confirm.error)}</p>}
      <div className={styles.foot}>
        <Button type="submit" look="primary" disabled={confirm.isPending || (sends && typed !== name)}>
          The words are the same: pair
        </Button>
        {refuse}
      </div>
    </form>
  );
}
