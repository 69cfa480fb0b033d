import { X } from "lucide-react";
import type { ListenerView } from "../../../shared/contract/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Time } from "../../ui/time.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import { ListenerState } from "./columns.tsx";
import styles from "./listeners.module.css";

/** One client: what it listens to, and how far it is. */
export function ListenerDetail({
  listener,
  onClose,
  onDisconnect,
  onForget,
}: {
  listener: ListenerView;
  onClose: () => void;
  onDisconnect: () => void;
  onForget: () => void;
}) {
  const { connectedAt, updatedAt, expired, cursor, sent, keyName, keyPrefix } = listener;
  return (
    <article className={styles.detail} aria-label={`Listener ${listener.clientId}`}>
      <header>
        <h2>{listener.clientId}</h2>
        <IconButton label="Close" keys="Escape" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <p>
        <ListenerState listener={listener} />
      </p>
      {expired ? (
        <p className={styles.note}>
          Retention has taken what came after its cursor: when it comes back it is told so, and goes on with the oldest
          that is left. Keep events longer in Settings, or forget the cursor.
        </p>
      ) : null}
      <dl>
        <Fact name="Scopes">{listener.scopes.join(", ") || "none"}</Fact>
        <Fact name="Agents">{listener.agents.join(", ") || "none"}</Fact>
        <Fact name="Key">
          {keyName === null && keyPrefix === null ? "not connected" : `${keyName ?? "unnamed"} ${keyPrefix ?? ""}`}
        </Fact>
        <Fact name="Remote">{listener.remote ?? "not connected"}</Fact>
        <Fact name="Behind">{countOf(listener.behind, "event")}, whether its scopes match them or not</Fact>
        <Fact name="Acknowledged">{cursor === null ? "no cursor" : `to seq ${countWords(cursor)}`}</Fact>
        <Fact name="Sent">{sent === null ? "not connected" : `to seq ${countWords(sent)}`}</Fact>
        {connectedAt === null ? null : (
          <Fact name="Connected">
            <Time at={connectedAt} />
          </Fact>
        )}
        {updatedAt === null ? null : (
          <Fact name="Cursor moved">
            <Time at={updatedAt} />
          </Fact>
        )}
      </dl>
      <div>
        {connectedAt === null ? (
          <Button look="danger" keys="f" onClick={onForget}>
            Forget its cursor
          </Button>
        ) : (
          <Button keys="d" onClick={onDisconnect}>
            Disconnect
          </Button>
        )}
      </div>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
