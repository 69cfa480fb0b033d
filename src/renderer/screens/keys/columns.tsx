import type { ApiKeyView } from "../../../shared/contract/index.ts";
import type { Column } from "../../ui/data-list.tsx";
import { Badge, StateMark } from "../../ui/mark.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import styles from "./keys.module.css";

const LOOKS = {
  active: { tone: "ok", shape: "dot", word: "Active" },
  expired: { tone: "wait", shape: "clock", word: "Expired" },
  revoked: { tone: "idle", shape: "barred", word: "Revoked" },
} as const;

export function KeyState({ apiKey: { state } }: { apiKey: ApiKeyView }) {
  const { tone, shape, word } = LOOKS[state];
  return (
    <StateMark tone={tone} shape={shape}>
      {word}
    </StateMark>
  );
}

export const nameOfKey = ({ name, prefix }: ApiKeyView): string => name ?? `key ${prefix}`;

export const scopesWords = (scopes: readonly string[]): string =>
  scopes.length === 0 ? "none" : scopes.includes("*") ? "everything" : scopes.join(", ");

export function Expiry({ apiKey: { expiresAt, state } }: { apiKey: ApiKeyView }) {
  if (expiresAt === null) return "never";
  return state === "active" ? <Countdown to={expiresAt} /> : <Time at={expiresAt} />;
}

/** What the detail says too gives way to it. */
const IN_DETAIL = ["prefix", "expires"];

export const keyColumns = (besideDetail: boolean): readonly Column<ApiKeyView>[] =>
  all.filter(({ id }) => !besideDetail || !IN_DETAIL.includes(id));

const all: readonly Column<ApiKeyView>[] = [
  {
    id: "name",
    header: "Name",
    width: "minmax(190px, 1.6fr)",
    cell: (key) => (
      <span className={styles.name}>
        <strong title={nameOfKey(key)}>{nameOfKey(key)}</strong>
        {key.own ? <Badge>own</Badge> : null}
      </span>
    ),
  },
  { id: "prefix", header: "Prefix", width: "72px", cell: ({ prefix }) => <code>{prefix}</code> },
  { id: "state", header: "State", width: "80px", cell: (key) => <KeyState apiKey={key} /> },
  {
    id: "permissions",
    header: "Permissions",
    width: "minmax(120px, 0.7fr)",
    cell: ({ permissions }) => permissions.join(", "),
  },
  { id: "scopes", header: "May hear", width: "minmax(100px, 1fr)", cell: ({ scopes }) => scopesWords(scopes) },
  { id: "expires", header: "Expires", width: "84px", cell: (key) => <Expiry apiKey={key} /> },
];
