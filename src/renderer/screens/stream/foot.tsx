import { messageOf } from "../../data/error-message.ts";
import type { Older } from "../../data/stream/use-older.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import styles from "./stream.module.css";

/** What stands under the last row: where the list ends, and the way on into the history. */
export function StreamFoot({ older, before, oldest }: { older: Older; before: number; oldest: number }) {
  const { history, endsAt, error } = older;
  const { state, scanned, searchedTo, search, cancel } = history;
  const from = state === "idle" ? before : searchedTo;
  if (error !== null)
    return (
      <div className={styles.foot} role="alert">
        <StateMark tone="fail" shape="cross">
          Older events cannot be read
        </StateMark>
        <span>{messageOf(error)} Scroll to try again.</span>
      </div>
    );
  if (endsAt > 1)
    return (
      <div className={styles.foot}>A list cannot be longer. Filter by seq:&lt;{endsAt} to read what is older.</div>
    );
  if (state === "searching")
    return (
      <div className={styles.foot} role="status">
        <StateMark tone="busy" shape="arrow">
          Searching older events
        </StateMark>
        <span>
          {countWords(scanned)} looked at, down to seq {countWords(searchedTo)}
        </span>
        <Button onClick={cancel}>Cancel</Button>
      </div>
    );
  if (state === "failed")
    return (
      <div className={styles.foot} role="alert">
        <StateMark tone="fail" shape="cross">
          The search broke off
        </StateMark>
        <span>{messageOf(history.error)}</span>
        <Button onClick={() => search(from)}>Try again</Button>
      </div>
    );
  if (state === "done" || from <= Math.max(1, oldest))
    return (
      <div className={styles.foot}>
        {state === "done" && scanned > 0
          ? `The beginning of the log: ${countOf(scanned, "older event")} searched.`
          : "The beginning of the log."}
      </div>
    );
  return (
    <div className={styles.foot}>
      <Button onClick={() => search(from)}>Search older events</Button>
      <span>from seq {countWords(from)} down</span>
    </div>
  );
}
