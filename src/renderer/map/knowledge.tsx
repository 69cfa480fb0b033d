import type { Knowledge } from "../../shared/debugger/index.ts";
import { Time } from "../ui/time.tsx";
import { countOf } from "../ui/time-words.ts";
import styles from "./changes.module.css";

/** How something of the map is known, and how fresh that is. */
export function KnowledgeList({ known, nameOf }: { known: readonly Knowledge[]; nameOf: (key: string) => string }) {
  return (
    <ul className={styles.results}>
      {known.map(({ by, teller, via, at, events }) => (
        <li key={`${by} ${teller} ${via}`}>
          {by === "own"
            ? "It stands in this hub's own registry."
            : by === "told"
              ? `${nameOf(teller ?? "")} told it${via === null ? "" : `, and ${nameOf(via)} passed it on`}, `
              : `The chains of ${countOf(events ?? 0, "event")} prove it, the latest `}
          {by === "own" ? null : <Time at={at} />}
        </li>
      ))}
    </ul>
  );
}
