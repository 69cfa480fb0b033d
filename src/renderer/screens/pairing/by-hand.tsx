import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { EnvironmentField, PrivateAddress } from "../peers/environment-fields.tsx";
import { fieldOf } from "../peers/field-of.ts";
import { NumberField } from "../peers/number-field.tsx";
import { ScopesField, scopesProblem } from "../peers/scopes-field.tsx";
import { OwnUrlNote } from "./own-url.tsx";
import styles from "./pairing.module.css";
import { PairingSearch } from "./search.ts";

/** A token made by the hub, once for this form. */
const useToken = (which: string) => {
  const { query } = useHub();
  const options = query.peers.newToken.queryOptions();
  return useQuery({ ...options, queryKey: ["new token", which], staleTime: Number.POSITIVE_INFINITY, gcTime: 0 });
};

/** Every value typed; the tokens are generated, and shown to be set at the other side. */
export function ByHand() {
  const { query } = useHub();
  const go = useGo();
  const outbound = useToken("outbound");
  const inbound = useToken("inbound");
  const about = useQuery(query.hub.about.queryOptions());
  const [known] = useScreenSearch(PairingSearch);
  const [name, setName] = useState(known.name);
  const [hookUrl, setHookUrl] = useState(known.url);
  const [environment, setEnvironment] = useState<"production" | "staging" | "other">("other");
  const [allowPrivate, setPrivate] = useState(false);
  const [scopes, setScopes] = useState<string[]>(known.scopes.split(",").filter((scope) => scope !== ""));
  const [maxHops, setMaxHops] = useState(known.hops);
  const create = useMutation(query.peers.create.mutationOptions());
  const wrong = create.error === null ? "" : fieldOf(create.error);
  const errorOf = (field: string): string | null => (wrong === field ? messageOf(create.error) : null);
  const [theirs, ours] = [outbound.data?.token, inbound.data?.token];
  const hook = about.data === undefined ? "" : `${about.data.url}/hooks/${encodeURIComponent(about.data.team)}/kite`;
  const save = (): void => {
    if (theirs === undefined || ours === undefined) return;
    create.mutate(
      {
        name,
        hookUrl,
        scopes,
        maxHops,
        environment,
        allowPrivate,
        receiveOnly: environment === "production",
        outboundToken: theirs,
        inboundToken: ours,
      },
      { onSuccess: ({ id }) => go(`peers/${id}`) },
    );
  };
  const values = `peer_hook_url   ${hook}\noutbound_token  ${ours ?? "…"}\ninbound_token   ${theirs ?? "…"}`;
  return (
    <form
      className={styles.form}
      aria-label="Add a peer by hand"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field label="Name" error={errorOf("name")}>
        <Input value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      <Field
        label="Hook URL"
        hint="Where it takes events, such as https://staging.example.com/hooks/team/kite"
        error={errorOf("hookUrl")}
      >
        <Input value={hookUrl} spellCheck={false} onChange={({ target }) => setHookUrl(target.value)} />
      </Field>
      <PrivateAddress checked={allowPrivate} onChecked={setPrivate} />
      <EnvironmentField value={environment} onValue={setEnvironment} error={errorOf("environment")} />
      {environment === "production" ? (
        <p className={styles.note}>It begins as receive only. Sending is switched on in its settings, by its name.</p>
      ) : null}
      <ScopesField scopes={scopes} onScopes={setScopes} label="Scopes: what is sent" error={errorOf("scopes")} />
      <NumberField label="Hops at most" value={maxHops} onValue={setMaxHops} error={errorOf("maxHops")} />
      <section className={styles.fields}>
        <h2>Set at the other side</h2>
        <p className={styles.note}>The tokens are random, and shown only here: copy them before you add the peer.</p>
        <OwnUrlNote>Start it with KITE_PUBLIC_URL, or write there where it is reached.</OwnUrlNote>
        <CodeBlock text={values} what="the values for the other side" />
      </section>
      {create.error === null || ["name", "hookUrl", "environment", "scopes", "maxHops"].includes(wrong) ? null : (
        <p role="alert">{messageOf(create.error)}</p>
      )}
      <div>
        <Button
          type="submit"
          look="primary"
          disabled={
            name === "" || hookUrl === "" || theirs === undefined || create.isPending || scopesProblem(scopes) !== null
          }
        >
          Add the peer
        </Button>
      </div>
    </form>
  );
}
