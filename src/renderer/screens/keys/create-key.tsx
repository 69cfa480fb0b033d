import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { PERMISSIONS, type Permission } from "../../../shared/permissions.ts";
import { problemsOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, Field, Input, Select } from "../../ui/field.tsx";
import { FormError } from "../../ui/form-error.tsx";
import type { MadeKey } from "./key-once.tsx";
import styles from "./keys.module.css";

const OPENS: Readonly<Record<Permission, string>> = {
  stream: "stream: only follow the events of its scopes, live and from the log",
  read: "read: also see events, peers and the rest by the API",
  write: "write: also make and deactivate endpoints",
  admin: "admin: everything, keys and peers too; consoles elsewhere attach with it",
};

const DAY = 86_400_000;
const LIVES = [
  { value: "never", label: "Never" },
  { value: "1", label: "In a day" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
] as const;

const scopesOf = (text: string): string[] => text.split(/[\s,]+/).filter((scope) => scope !== "");

/** Asks what a new key may do, and for how long. */
export function CreateKey({ onClose, onCreated }: { onClose: () => void; onCreated: (made: MadeKey) => void }) {
  const { query, clock } = useHub();
  const form = useId();
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<readonly Permission[]>(["read"]);
  const [scopes, setScopes] = useState("*");
  const [life, setLife] = useState<(typeof LIVES)[number]["value"]>("never");
  const create = useMutation(query.keys.create.mutationOptions({ onSuccess: onCreated }));
  const problems = problemsOf(create.error, ["name", "scopes", "expires_at", "permissions"]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({
      name: name.trim() === "" ? null : name.trim(),
      permissions: [...permissions],
      scopes: scopesOf(scopes),
      expiresAt: life === "never" ? null : clock.now() + Number(life) * DAY,
    });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New API key"
      about="Give each program a key of its own, so that one can be taken back without the others."
      width={520}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            look="primary"
            disabled={create.isPending || permissions.length === 0 || scopesOf(scopes).length === 0}
          >
            Create key
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <Field label="Name" error={problems.name} hint="Who or what uses it.">
          <Input value={name} placeholder="Ana's laptop" onChange={({ target }) => setName(target.value)} />
        </Field>
        <fieldset className={styles.checks}>
          <legend>Permissions</legend>
          {PERMISSIONS.map((permission) => (
            <Checkbox
              key={permission}
              label={OPENS[permission]}
              checked={permissions.includes(permission)}
              onChecked={(on) =>
                setPermissions(PERMISSIONS.filter((each) => (each === permission ? on : permissions.includes(each))))
              }
            />
          ))}
        </fieldset>
        <FormError>{problems.permissions}</FormError>
        <Field
          label="May hear"
          error={problems.scopes}
          hint="Scopes such as source:github or type:stripe.*, with spaces between; * is everything."
        >
          <Input value={scopes} spellCheck={false} onChange={({ target }) => setScopes(target.value)} />
        </Field>
        <Field label="Expires" error={problems.expires_at}>
          <Select value={life} onValue={setLife} options={LIVES} />
        </Field>
        <FormError>{problems.form}</FormError>
      </form>
    </Dialog>
  );
}
