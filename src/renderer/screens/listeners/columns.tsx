import type { ListenerView } from "../../../shared/contract/index.ts";
import type { Column } from "../../ui/data-list.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import styles from "./listeners.module.css";

export function ListenerState({ listener: { connectedAt, expired } }: { listener: ListenerView }) {
  if (connectedAt !== null)
    return (
      <StateMark tone="ok" shape="dot">
        Connected
      </StateMark>
    );
  if (expired)
    return (
      <StateMark tone="fail" shape="warning">
        Cursor expired
      </StateMark>
    );
  return (
    <StateMark tone="idle" shape="ring">
      Away
    </StateMark>
  );
}

/** What the detail says too gives way to it. */
const IN_DETAIL = ["scopes", "agents", "key"];

/** @param most how far the last of all is behind; the bars are measured by it */
export const listenerColumns = (most: number, besideDetail: boolean): readonly Column<ListenerView>[] =>
  all(most).filter(({ id }) => !besideDetail || !IN_DETAIL.includes(id));

const all = (most: number): readonly Column<ListenerView>[] => [
  {
    id: "client",
    header: "Client",
    width: "minmax(130px, 2fr)",
    cell: ({ clientId }) => (
      <span className={styles.client} title={clientId}>
        {clientId}
      </span>
    ),
  },
  { id: "state", header: "State", width: "110px", cell: (listener) => <ListenerState listener={listener} /> },
  {
    id: "behind",
    header: "Behind",
    width: "minmax(110px, 1fr)",
    cell: ({ behind }) => (
      <span className={styles.behind}>
        <span>{countWords(behind)}</span>
        <span className={styles.track}>
          <span style={{ width: `${(behind / most) * 100}%` }} />
        </span>
      </span>
    ),
  },
  {
    id: "scopes",
    header: "Scopes",
    width: "minmax(90px, 1.4fr)",
    cell: ({ scopes }) => <code title={scopes.join(", ")}>{scopes.join(", ") || "none"}</code>,
  },
  {
    id: "agents",
    header: "Agents",
    width: "minmax(70px, 1fr)",
    cell: ({ agents }) => <span title={agents.join(", ")}>{agents.join(", ") || "–"}</span>,
  },
  {
    id: "key",
    header: "Key",
    width: "minmax(80px, 1fr)",
    cell: ({ keyName, keyPrefix }) => <span title={keyPrefix ?? ""}>{keyName ?? keyPrefix ?? "–"}</span>,
  },
  {
    id: "since",
    header: "Since",
    width: "70px",
    cell: ({ connectedAt, updatedAt }) => {
      const at = connectedAt ?? updatedAt;
      return at === null ? "–" : <Time at={at} />;
    },
  },
];
