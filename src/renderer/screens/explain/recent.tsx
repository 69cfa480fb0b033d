import { useHead, useHub } from "../../data/hub.tsx";
import { useScreenSearch } from "../../shell/navigation.ts";
import { EmptyState } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import styles from "./explain.module.css";
import { ExplainSearch } from "./search.ts";

const MOST = 12;

/** Nothing is asked yet: the newest events, to pick one. */
export function Recent() {
  const { feed } = useHub();
  useHead();
  const [, setSearch] = useScreenSearch(ExplainSearch);
  const rows = [];
  for (let at = feed.buffer.next - 1; at >= feed.buffer.first && rows.length < MOST; at -= 1) {
    const item = feed.buffer.at(at);
    if (item?.kind === "row") rows.push(item.row);
  }
  return (
    <EmptyState title="Which event?">
      <p>
        Type a seq, an id or a type above, or paste a CloudEvent{rows.length === 0 ? "" : "; or pick one of the newest"}
        .
      </p>
      <ul className={styles.recent} aria-label="Newest events">
        {rows.map(({ seq, type, at }) => (
          <li key={seq}>
            <button type="button" className={styles.pick} onClick={() => setSearch({ seq }, "pushed")}>
              <span>{countWords(seq)}</span>
              <span className={styles.type} title={type}>
                {type}
              </span>
              <Time at={at} />
            </button>
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
