import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { EndpointSecrets } from "../../../shared/contract/index.ts";
import { PROVIDER_HINTS } from "../../../shared/provider-hints.ts";
import { problemsOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { FormError } from "../../ui/form-error.tsx";
import { hintOf } from "./columns.tsx";
import styles from "./endpoints.module.css";
import { SetUpSteps } from "./set-up-steps.tsx";

const OTHER = "other";

/** Makes an endpoint. @param source null: closed; a source: that one, again */
export function CreateEndpoint({
  source,
  taken,
  onClose,
  onCreated,
}: {
  source: string | null;
  taken: readonly string[];
  onClose: () => void;
  onCreated: (secrets: EndpointSecrets) => void;
}) {
  const { query } = useHub();
  const form = useId();
  const options = [
    ...PROVIDER_HINTS.map((hint) => ({
      value: hint.source,
      label: taken.includes(hint.source) ? `${hint.label} (has one)` : hint.label,
    })),
    { value: OTHER, label: "Anything else that posts" },
  ];
  const free = PROVIDER_HINTS.find((hint) => !taken.includes(hint.source))?.source ?? OTHER;
  const known = source === null || source === "" ? free : source;
  const [provider, setProvider] = useState(hintOf(known) === undefined ? OTHER : known);
  const [slug, setSlug] = useState(hintOf(known) === undefined && known !== OTHER ? known : "");
  const [secret, setSecret] = useState("");
  const hint = hintOf(provider);
  const wanted = provider === OTHER ? slug.trim() : provider;
  const create = useMutation(query.endpoints.create.mutationOptions({ onSuccess: onCreated }));
  const problems = problemsOf(create.error, ["source", "webhook_secret"]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ source: wanted, webhookSecret: secret.trim() === "" ? null : secret.trim() });
  };
  return (
    <Dialog
      open={source !== null}
      onClose={onClose}
      title="New endpoint"
      about="A URL of its own for one source. Its secrets are shown once, after this."
      width={560}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} look="primary" disabled={create.isPending || wanted === ""}>
            Create endpoint
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <Field label="From" error={provider === OTHER ? undefined : problems.source}>
          <Select value={provider} onValue={setProvider} options={options} />
        </Field>
        {provider === OTHER ? (
          <Field
            label="Source"
            error={problems.source}
            hint="The word for it in the URL and in filters: a to z, 0 to 9 and -, up to 64. Protected by the token in its URL alone."
          >
            <Input
              value={slug}
              placeholder="billing"
              spellCheck={false}
              onChange={({ target }) => setSlug(target.value)}
            />
          </Field>
        ) : null}
        {hint === undefined ? null : hint.secretFrom === "hub" ? (
          <p className={styles.note}>
            This hub makes the {hint.secret.label.toLowerCase()}, and shows it with the URL.
          </p>
        ) : (
          <Field
            label={`${hint.secret.label} (${hint.secret.looksLike})`}
            error={problems.webhook_secret}
            hint={`Where ${hint.label} shows it only after it knows the URL, leave this empty and set it then.`}
          >
            <Input
              type="password"
              autoComplete="off"
              value={secret}
              onChange={({ target }) => setSecret(target.value)}
            />
          </Field>
        )}
        {hint === undefined ? null : <SetUpSteps hint={hint} />}
        <FormError>{problems.form}</FormError>
      </form>
    </Dialog>
  );
}
