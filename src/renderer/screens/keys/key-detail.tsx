import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiKeyView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { Detail, Facts } from "../../ui/detail.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/time.tsx";
import { absoluteWords } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { Expiry, KeyState, nameOfKey, scopesWords } from "./columns.tsx";
import styles from "./keys.module.css";

/** What ends when a key is taken back, by what it may do. */
function whatStops({ permissions }: ApiKeyView): string {
  const stops = ["Streams that were opened with it are closed at once, and every request with it is refused."];
  if (permissions.includes("admin"))
    stops.push("Consoles elsewhere that are attached with it lose this hub, and scripts that manage it stop working.");
  else if (permissions.includes("write")) stops.push("Programs that make endpoints with it stop working.");
  return `${stops.join(" ")} This cannot be undone: whoever needs it gets a new key.`;
}

/** One API key, and the way to take it back. */
export function KeyDetail({ apiKey, onClose }: { apiKey: ApiKeyView; onClose: () => void }) {
  const { query } = useHub();
  const { id, own, state, expiresAt, revokedAt } = apiKey;
  const name = nameOfKey(apiKey);
  const [asking, setAsking] = useState(false);
  const revoke = useMutation(query.keys.revoke.mutationOptions({ onSuccess: () => toast.done(`${name} is revoked`) }));
  const revocable = !own && state !== "revoked";
  useActions(
    revocable
      ? [{ id: "keys.revoke", group: "API keys", label: `Revoke ${name}`, keys: "r", run: () => setAsking(true) }]
      : [],
  );
  return (
    <Detail
      label={`API key ${name}`}
      title={name}
      state={<KeyState apiKey={apiKey} />}
      onClose={onClose}
      actions={
        revocable ? (
          <Button look="danger" keys="r" onClick={() => setAsking(true)}>
            Revoke
          </Button>
        ) : undefined
      }
    >
      <Facts
        facts={[
          ["Prefix", <code key="prefix">{apiKey.prefix}</code>],
          ["Permissions", apiKey.permissions.join(", ")],
          ["May hear", scopesWords(apiKey.scopes)],
          ["Created", <Time key="created" at={apiKey.createdAt} />],
          [
            "Expires",
            <span key="expires">
              <Expiry apiKey={apiKey} />
              {expiresAt === null ? "" : `, ${absoluteWords(expiresAt)}`}
            </span>,
          ],
          ["Revoked", revokedAt === null ? null : <Time key="revoked" at={revokedAt} />],
        ]}
      />
      {own ? (
        <p className={styles.note}>
          The hub made this key for itself and prints it at its start. It cannot be revoked: it would make itself a new
          one. Give programs keys of their own.
        </p>
      ) : null}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${name}?`}
        about={whatStops(apiKey)}
        confirm="Revoke key"
        onConfirm={() => revoke.mutateAsync({ id })}
      />
    </Detail>
  );
}
