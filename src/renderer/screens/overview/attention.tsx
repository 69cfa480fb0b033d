import type { z } from "zod";
import type { Attention as AttentionView } from "../../../shared/contract/index.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { useHasScreen } from "../../shell/navigation.ts";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./overview.module.css";

type Item = z.infer<typeof AttentionView>;

const LOOKS: Readonly<Record<Item["severity"], { tone: Tone; shape: Shape; word: string }>> = {
  error: { tone: "fail", shape: "cross", word: "Error" },
  warning: { tone: "wait", shape: "warning", word: "Warning" },
  info: { tone: "idle", shape: "dot", word: "Note" },
};

/** The screens that help, and what their link says. */
const ACTIONS: Readonly<Record<string, readonly [screen: string, words: string]>> = {
  outbox: ["outbox", "See causes and replay"],
  peers: ["peers/$id", "Open the peer"],
  listeners: ["listeners", "See the listeners"],
  refusals: ["refusals", "See what was refused"],
  topology: ["topology", "See the way it took"],
};

/** What needs a hand, the worst first, each with its action. */
export function Attention({ items }: { items: readonly Item[] }) {
  const order = ["error", "warning", "info"];
  const sorted = [...items].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return (
    <ul className={styles.attention} aria-label="Needs a hand">
      {sorted.map((item) => (
        <li key={item.id} className={styles.item}>
          <StateMark tone={LOOKS[item.severity].tone} shape={LOOKS[item.severity].shape}>
            <span className="visually-hidden">{LOOKS[item.severity].word}: </span>
          </StateMark>
          <div className={styles.what}>
            <p className={styles.title}>{item.title}</p>
            <p className={styles.about}>{item.detail}</p>
          </div>
          <span className={styles.since}>{item.since === null ? null : <Time at={item.since} />}</span>
          <Action to={item.to} />
        </li>
      ))}
    </ul>
  );
}

/** The link of a path of the console, if this console has the screen. */
function Action({ to }: { to: string }) {
  const url = new URL(to, "console://here");
  const path = url.pathname.replace(/^\/+/, "");
  const [screen, words] = ACTIONS[path.split("/")[0] ?? ""] ?? [path, "Open"];
  const has = useHasScreen(screen);
  const hasOutbox = useHasScreen("outbox");
  const [, peer] = path.split("/");
  if (!has && path.startsWith("peers/") && peer !== undefined && hasOutbox)
    return (
      <HubLink to="outbox" search={{ peer }} className={styles.action}>
        See what is owed
      </HubLink>
    );
  if (!has) return <span />;
  return (
    <HubLink to={path} search={Object.fromEntries(url.searchParams)} className={styles.action}>
      {words}
    </HubLink>
  );
}
