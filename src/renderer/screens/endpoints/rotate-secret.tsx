import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { EndpointView } from "../../../shared/contract/index.ts";
import type { ProviderHint } from "../../../shared/provider-hints.ts";
import { problemsOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { toast } from "../../ui/toasts.tsx";
import styles from "./endpoints.module.css";

/** Gives an endpoint another secret, its own or the sender's; the one before is good for ten minutes more. */
export function RotateSecret({
  open,
  endpoint: { id, source, secretConfigured },
  hint,
  onClose,
}: {
  open: boolean;
  endpoint: EndpointView;
  hint: ProviderHint;
  onClose: () => void;
}) {
  const { query } = useHub();
  const form = useId();
  const [secret, setSecret] = useState("");
  const byHub = hint.secretFrom === "hub";
  const rotate = useMutation(
    query.endpoints.rotateSecret.mutationOptions({
      onSuccess: ({ made }) => {
        toast.done(`The secret of ${source} is set`);
        if (made === null) close();
      },
    }),
  );
  const made = rotate.data?.made ?? null;
  const problems = problemsOf(rotate.error, ["webhook_secret"]);
  const close = (): void => {
    setSecret("");
    rotate.reset();
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    rotate.mutate({ id, webhookSecret: secret.trim() === "" ? null : secret.trim() });
  };
  if (made !== null)
    return (
      <Dialog
        open={open}
        onClose={close}
        title={`The new secret of ${source}`}
        about="It is not shown again. Requests signed with the one before are accepted for ten minutes more."
        actions={
          <Button look="primary" onClick={close}>
            I have copied it
          </Button>
        }
      >
        <CopyLine label={hint.secret.label} text={made} what="the secret" />
      </Dialog>
    );
  return (
    <Dialog
      open={open}
      onClose={close}
      title={secretConfigured ? `Rotate the secret of ${source}` : `Set the secret of ${source}`}
      about={
        secretConfigured
          ? "Requests signed with the present secret are accepted for ten minutes more."
          : "From then on, requests without a signature that fits are refused, whatever their token."
      }
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            look="primary"
            disabled={rotate.isPending || (!byHub && secret.trim() === "")}
          >
            {secretConfigured ? "Rotate secret" : "Set secret"}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <Field
          label={hint.secret.label}
          error={problems.webhook_secret ?? problems.form}
          hint={
            byHub ? "Leave it empty to have one made here." : `Copy it from ${hint.label}: ${hint.secret.looksLike}.`
          }
        >
          <Input type="password" autoComplete="off" value={secret} onChange={({ target }) => setSecret(target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
