import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { LinkView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { toast } from "../../ui/toasts.tsx";
import { fieldOf } from "./field-of.ts";
import { NumberField } from "./number-field.tsx";
import styles from "./peers.module.css";
import { ScopesField, scopesProblem } from "./scopes-field.tsx";

/** How the peer's stream is read, for a peer that cannot reach this hub. Its key is never shown, so each change needs it. */
export function PullForm({ peerId, hookUrl, pull }: { peerId: string; hookUrl: string; pull: LinkView["pull"] }) {
  const { query, client } = useHub();
  const [streamUrl, setStreamUrl] = useState(pull?.streamUrl ?? streamOf(hookUrl));
  const [remoteTeam, setTeam] = useState(pull?.remoteTeam ?? "");
  const [apiKey, setKey] = useState("");
  const [scopes, setScopes] = useState<string[]>(pull?.scopes ?? ["*"]);
  const [maxHops, setMaxHops] = useState(pull?.maxHops ?? 3);
  const [removing, setRemoving] = useState(false);
  const put = useMutation(query.links.pull.mutationOptions());
  const wrong = put.error === null ? "" : fieldOf(put.error);
  const errorOf = (field: string): string | null => (wrong === field ? messageOf(put.error) : null);
  const save = (): void =>
    put.mutate(
      { peerId, streamUrl, remoteTeam, apiKey, scopes, maxHops },
      {
        onSuccess: () => {
          setKey("");
          toast.done("The peer's stream is read from now on");
        },
      },
    );
  return (
    <form
      className={styles.form}
      aria-label="Read its stream"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h3>Read its stream</h3>
      <p className={styles.second}>
        For a peer that cannot reach this hub: events come over a connection that this hub opens.
      </p>
      <Field label="Stream URL" error={errorOf("streamUrl")}>
        <Input value={streamUrl} spellCheck={false} onChange={({ target }) => setStreamUrl(target.value)} />
      </Field>
      <Field label="Team there" error={errorOf("remoteTeam")}>
        <Input value={remoteTeam} onChange={({ target }) => setTeam(target.value)} />
      </Field>
      <Field label="API key" hint="Of that team, with the permission read." error={errorOf("apiKey")}>
        <Input type="password" autoComplete="off" value={apiKey} onChange={({ target }) => setKey(target.value)} />
      </Field>
      <ScopesField scopes={scopes} onScopes={setScopes} label="Scopes: what is read" error={errorOf("scopes")} />
      <NumberField label="Hops at most when read" value={maxHops} onValue={setMaxHops} error={errorOf("maxHops")} />
      {put.error === null || wrong !== "" ? null : <p role="alert">{messageOf(put.error)}</p>}
      <div className={styles.line}>
        <Button
          type="submit"
          disabled={apiKey === "" || remoteTeam === "" || put.isPending || scopesProblem(scopes) !== null}
        >
          {pull === null ? "Read its stream" : "Read it so from now on"}
        </Button>
        {pull === null ? null : (
          <Button look="danger" onClick={() => setRemoving(true)}>
            Stop reading it
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title="Stop reading this peer's stream?"
        about="Its key and the place in its log are forgotten. To read it again, you need a key."
        confirm="Stop reading"
        onConfirm={() => client.links.removePull({ peerId })}
      />
    </form>
  );
}

/** Where a hub with this hook URL has its stream. */
function streamOf(hookUrl: string): string {
  const base = /^http(s?:\/\/.*?)\/hooks\//.exec(hookUrl)?.[1];
  return base === undefined ? "" : `ws${base}/ws`;
}
