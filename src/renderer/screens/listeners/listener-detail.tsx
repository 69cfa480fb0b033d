import type { ListenerView } from "../../../shared/contract/index.ts";
import { Button } from "../../ui/button.tsx";
import { Detail, Facts } from "../../ui/detail.tsx";
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
    <Detail
      label={`Listener ${listener.clientId}`}
      title={listener.clientId}
      state={<ListenerState listener={listener} />}
      onClose={onClose}
      actions={
        connectedAt === null ? (
          <Button look="danger" keys="f" onClick={onForget}>
            Forget its cursor
          </Button>
        ) : (
          <Button keys="d" onClick={onDisconnect}>
            Disconnect
          </Button>
        )
      }
    >
      {expired ? (
        <p className={styles.note}>
          Retention has taken what came after its cursor: when it comes back it is told so, and goes on with the oldest
          that is left. Keep events longer in Settings, or forget the cursor.
        </p>
      ) : null}
      <Facts
        facts={[
          ["Scopes", listener.scopes.join(", ") || "none"],
          ["Agents", listener.agents.join(", ") || "none"],
          [
            "Key",
            keyName === null && keyPrefix === null ? "not connected" : `${keyName ?? "unnamed"} ${keyPrefix ?? ""}`,
          ],
          ["Remote", listener.remote ?? "not connected"],
          ["Behind", `${countOf(listener.behind, "event")}, whether its scopes match them or not`],
          ["Acknowledged", cursor === null ? "no cursor" : `to seq ${countWords(cursor)}`],
          ["Sent", sent === null ? "not connected" : `to seq ${countWords(sent)}`],
          ["Connected", connectedAt === null ? null : <Time key="connected" at={connectedAt} />],
          ["Cursor moved", updatedAt === null ? null : <Time key="moved" at={updatedAt} />],
        ]}
      />
    </Detail>
  );
}
