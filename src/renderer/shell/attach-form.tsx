import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { HubRef } from "../../shared/contract/index.ts";
import { problemsOf } from "../data/error-message.ts";
import { Button } from "../ui/button.tsx";
import { Field, Input, Select } from "../ui/field.tsx";
import { FormError } from "../ui/form-error.tsx";
import { useConsole } from "./console-context.tsx";
import styles from "./hubs.module.css";

const ENVIRONMENTS = [
  { value: "development", label: "Development" },
  { value: "staging", label: "Staging" },
  { value: "production", label: "Production" },
] as const;

/** The name a hub gets as long as nobody wrote one. */
function nameFrom(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, 60) : "";
}

/** Asks for the address and the admin key of a hub; both are tried before anything is kept. */
export function AttachForm({ onAttached }: { onAttached: (hub: HubRef) => void }) {
  const { own } = useConsole();
  const [url, setUrl] = useState("");
  const [adminKey, setAdminKey] = useState("");
  const [name, setName] = useState("");
  const [environment, setEnvironment] = useState<(typeof ENVIRONMENTS)[number]["value"]>("staging");
  const attach = useMutation(own.query.hubs.add.mutationOptions({ onSuccess: onAttached }), own.queries);
  const called = name.trim() === "" ? nameFrom(url) : name.trim();
  const problems = problemsOf(attach.error, ["url", "adminKey", "name"]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    attach.mutate({ name: called === "" ? url : called, url: url.trim(), adminKey: adminKey.trim(), environment });
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Attach another hub">
      <h3>Attach another hub</h3>
      <Field label="URL" error={problems.url} hint="As its start prints it. http only to private addresses.">
        <Input
          value={url}
          placeholder="https://kite.example.com"
          spellCheck={false}
          onChange={({ target }) => setUrl(target.value)}
        />
      </Field>
      <Field
        label="Admin key"
        error={problems.adminKey}
        hint="It is tried first, then kept encrypted on this machine, and never shown again."
      >
        <Input
          type="password"
          autoComplete="off"
          value={adminKey}
          placeholder="kite_…"
          onChange={({ target }) => setAdminKey(target.value)}
        />
      </Field>
      <div className={styles.pair}>
        <Field label="Name" error={problems.name}>
          <Input value={name} placeholder={nameFrom(url)} onChange={({ target }) => setName(target.value)} />
        </Field>
        <Field label="Environment">
          <Select value={environment} onValue={setEnvironment} options={ENVIRONMENTS} />
        </Field>
      </div>
      <FormError>{problems.form}</FormError>
      <div className={styles.end}>
        <Button type="submit" look="primary" disabled={attach.isPending || url.trim() === "" || adminKey.trim() === ""}>
          {attach.isPending ? "Trying the key…" : "Attach hub"}
        </Button>
      </div>
    </form>
  );
}
