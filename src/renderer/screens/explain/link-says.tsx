import type { ExplainedLink, LinkSaying } from "../../../shared/debugger/index.ts";
import { valueWords } from "../../map/evidence-words.ts";
import { StateMark } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import styles from "./explain.module.css";
import { looksOf } from "./explain-picture.ts";

/** What one link does with the event: the outcome, the rule, and the values that it compared. */
export function LinkSays({
  link,
  nameOf,
  chosen,
  onSelect,
}: {
  link: ExplainedLink;
  nameOf: (key: string) => string;
  chosen: boolean;
  onSelect: () => void;
}) {
  return (
    <li data-says={link.id} data-chosen={chosen}>
      <p className={styles.line}>
        <button type="button" className={styles.link} onClick={onSelect}>
          {nameOf(link.from)} → {nameOf(link.to)}
        </button>
        <SayingMark saying={link} waits={link.waits} />
      </p>
      <p>{link.sentence}</p>
      <Values saying={link} />
      {link.also.map((other) => (
        <div key={`${other.outcome} ${other.reason}`} className={styles.also}>
          <p>Or, when another copy is there first: {other.sentence}</p>
          <Values saying={other} />
        </div>
      ))}
    </li>
  );
}

export function SayingMark({ saying, waits = false }: { saying: LinkSaying; waits?: boolean }) {
  const [tone, shape, word] = looksOf(saying);
  return (
    <StateMark tone={waits ? "wait" : tone} shape={waits ? "pause" : shape}>
      {saying.reason === null ? (waits ? `${word}, waits` : word) : `${word}: ${reasonWords(saying.reason)}`}
    </StateMark>
  );
}

function Values({ saying }: { saying: LinkSaying }) {
  const words = valueWords(saying.evidence);
  return words.length === 0 ? null : <p className={styles.values}>{words.join(" · ")}</p>;
}
