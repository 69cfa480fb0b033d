import type { EntryView, LaneView } from "../../../shared/contract/index.ts";
import type { Column } from "../../ui/data-list.tsx";
import { OutcomeState, reasonWords } from "../../ui/outcome.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import { nextTryOf } from "./next-try.ts";
import styles from "./outbox.module.css";
import type { OutboxView } from "./search.ts";

/**
 * The columns of the entries; a lane tells what holds its entries back.
 * @param docked true when a detail takes half of the place: what it says too is left out
 * @param view what is listed; where all are in one state, none says it
 */
export function entryColumns(
  lanes: readonly LaneView[],
  docked: boolean,
  view: OutboxView,
): readonly Column<EntryView>[] {
  const laneOf = new Map(lanes.map((lane) => [lane.peer.no, lane]));
  const all: Column<EntryView>[] = [
    { id: "state", header: "State", width: "92px", cell: ({ state }) => <OutcomeState state={state} /> },
    { id: "seq", header: "Seq", width: "56px", align: "end", cell: ({ seq }) => countWords(seq) },
    {
      id: "type",
      header: "Event",
      width: "minmax(80px, 1.2fr)",
      cell: ({ event }) =>
        event === null ? (
          <span className={styles.faint}>taken by retention</span>
        ) : (
          <span className={styles.type} title={`${event.type}\n${event.source}\n${event.id}`}>
            {event.type}
          </span>
        ),
    },
    { id: "peer", header: "Peer", width: "minmax(48px, 0.6fr)", cell: ({ peer }) => peer.name },
    {
      id: "next",
      header: "When and why",
      width: "minmax(96px, 2fr)",
      cell: (entry) => <What entry={entry} lane={laneOf.get(entry.peer.no)} />,
    },
    { id: "tries", header: "Attempts", width: "56px", align: "end", cell: ({ tries }) => countWords(tries) },
    {
      id: "queued",
      header: "Queued",
      width: "64px",
      align: "end",
      cell: ({ createdAt }) => (
        <span className={styles.faint}>
          <Time at={createdAt} />
        </span>
      ),
    },
  ];
  const left = [...(docked ? IN_DETAIL : []), ...(view === "owed" || view === "all" ? [] : ["state"])];
  return all.filter(({ id }) => !left.includes(id));
}

const IN_DETAIL = ["seq", "tries", "queued"];

/** What comes next for an entry, or how it ended. */
function What({ entry, lane }: { entry: EntryView; lane: LaneView | undefined }) {
  const next = nextTryOf(entry, lane);
  if (next !== null)
    return (
      <>
        {next.at === null ? null : (
          <span className={styles.countdown}>
            <Countdown to={next.at} />
          </span>
        )}
        <span className={styles.faint}>{next.why}</span>
      </>
    );
  if (entry.state === "sending") return <span className={styles.faint}>on its way</span>;
  const why = entry.state === "dead" ? entry.lastError : (entry.result ?? entry.cause);
  return (
    <>
      {entry.finishedAt === null ? null : (
        <span className={styles.countdown}>
          <Time at={entry.finishedAt} />
        </span>
      )}
      <span className={styles.faint} title={why ?? undefined}>
        {why === null ? "" : entry.state === "dead" ? why : reasonWords(why)}
      </span>
    </>
  );
}
