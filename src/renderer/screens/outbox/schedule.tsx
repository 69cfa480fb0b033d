import type { EntryDetailView, LaneView } from "../../../shared/contract/index.ts";
import { OutcomeState } from "../../ui/outcome.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { absoluteWords, durationWords } from "../../ui/time-words.ts";
import { nextTryOf } from "./next-try.ts";
import styles from "./schedule.module.css";
import { type Mark, marksOf } from "./schedule-model.ts";

const WORDS: Readonly<Record<Mark["state"], string>> = {
  delivered: "delivered",
  failed: "failed",
  next: "next",
  planned: "planned",
};

/** The whole planned schedule of an entry: what was tried, what comes next, and when it is given up. */
export function Schedule({ entry, lane }: { entry: EntryDetailView; lane: LaneView | undefined }) {
  const marks = marksOf(entry);
  const next = nextTryOf(entry, lane);
  const horizon = entry.schedule.at(-1);
  const owed = entry.state === "pending" || entry.state === "sending";
  return (
    <section className={styles.schedule} aria-label="Schedule">
      <p className={styles.now}>
        {next === null ? (
          <OutcomeState state={entry.state} reason={entry.state === "dead" ? entry.cause : null} />
        ) : next.at === null ? (
          `Not tried as long as ${next.why}.`
        ) : (
          <>
            Attempt {entry.tries + 1} of {entry.schedule.length} <Countdown to={next.at} />, {next.why}
          </>
        )}
        {entry.finishedAt === null ? null : (
          <span className={styles.when}>
            <Time at={entry.finishedAt} />
          </span>
        )}
      </p>
      <ol className={styles.track}>
        {marks.map((mark) => (
          <li
            key={mark.attempt}
            className={`${styles.mark} ${styles[mark.state]}`}
            style={{ left: `${(mark.place * 100).toFixed(2)}%` }}
            title={says(mark)}
          >
            <span className="visually-hidden">{says(mark)}</span>
          </li>
        ))}
      </ol>
      <p className={styles.legend}>
        <span className={styles.key}>
          <span className={`${styles.dot} ${styles.failed}`} /> Failed
        </span>
        {entry.state === "delivered" ? (
          <span className={styles.key}>
            <span className={`${styles.dot} ${styles.delivered}`} /> Delivered
          </span>
        ) : null}
        {owed ? (
          <>
            <span className={styles.key}>
              <span className={`${styles.dot} ${styles.next}`} /> Next
            </span>
            <span className={styles.key}>
              <span className={`${styles.dot} ${styles.planned}`} /> Planned
            </span>
          </>
        ) : null}
        {owed && horizon !== undefined ? (
          <span className={styles.end} title={horizon.dueAt === null ? undefined : absoluteWords(horizon.dueAt)}>
            {horizon.dueAt === null
              ? `Given up ${durationWords(horizon.age)} after the first attempt`
              : `Given up at ${absoluteWords(horizon.dueAt).slice(0, 16)}`}
          </span>
        ) : null}
      </p>
    </section>
  );
}

const says = ({ attempt, state, at, age }: Mark): string =>
  `Attempt ${attempt}, ${WORDS[state]}: ${at === null ? "" : `${absoluteWords(at)}, `}${age === 0 ? "at once" : `${durationWords(age)} after the first`}`;
