import type { LaneView } from "../../../shared/contract/index.ts";
import { countWords } from "../../ui/time-words.ts";
import styles from "./outbox.module.css";
import { OUTBOX_VIEWS, type OutboxView } from "./search.ts";

export const VIEW_WORDS: Readonly<Record<OutboxView, string>> = {
  owed: "Owed",
  dead: "Dead letters",
  delivered: "Delivered",
  cancelled: "Cancelled",
  all: "All",
  replays: "Replays",
};

/** Which entries are listed, with the counts that matter. */
export function ViewTabs({
  view,
  lanes,
  onView,
}: {
  view: OutboxView;
  /** Those of the chosen peer, or all; null as long as they were not told. */
  lanes: readonly LaneView[] | null;
  onView: (view: OutboxView) => void;
}) {
  const sumOf = (of: (lane: LaneView) => number): number | undefined =>
    lanes?.reduce((total, lane) => total + of(lane), 0);
  const counts: Readonly<Record<string, number | undefined>> = {
    owed: sumOf(({ depth }) => depth),
    dead: sumOf(({ dead }) => dead),
  };
  return (
    <fieldset className={styles.views}>
      <legend className="visually-hidden">Which entries</legend>
      {OUTBOX_VIEWS.map((each) => {
        const count = counts[each];
        return (
          <button
            key={each}
            type="button"
            className={styles.view}
            aria-pressed={each === view}
            onClick={() => onView(each)}
          >
            {VIEW_WORDS[each]}
            {count === undefined ? null : <span className={styles.count}>{countWords(count)}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
