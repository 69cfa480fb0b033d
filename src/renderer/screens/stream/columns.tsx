import type { PeerRef } from "../../../shared/contract/index.ts";
import type { Gap, Item } from "../../data/stream/ring-buffer.ts";
import type { Column } from "../../ui/data-list.tsx";
import { HopDots, StateMark } from "../../ui/mark.tsx";
import { marksWidth, OutcomeMarks } from "../../ui/outcome.tsx";
import { absoluteWords, clockWords, countOf, countWords } from "../../ui/time-words.ts";
import styles from "./stream.module.css";

/**
 * The columns of the stream. A gap fills its row instead (see {@link gapRow}).
 * @param docked true when a detail stands beside it: what it says too is left out
 */
export function streamColumns(peers: readonly PeerRef[], docked: boolean): readonly Column<Item>[] {
  const all: readonly Column<Item>[] = [
    column("time", "Time", "92px", ({ at }) => (
      <time dateTime={new Date(at).toISOString()} title={absoluteWords(at)} className={styles.faint}>
        {clockWords(at)}
      </time>
    )),
    { ...column("seq", "Seq", "64px", ({ seq }) => countWords(seq)), align: "end" },
    column("type", "Type", "minmax(80px, 1.1fr)", ({ type }) => (
      <span className={styles.type} title={type}>
        {type}
      </span>
    )),
    column("source", "Source", "minmax(40px, 0.8fr)", ({ source }) => (
      <span className={styles.second} title={source}>
        {source}
      </span>
    )),
    column("summary", "Summary", "minmax(0, 1.5fr)", ({ summary }) => (
      <span title={summary ?? undefined}>{summary}</span>
    )),
    column("hops", "Hops", "46px", ({ hops, chain }) => <HopDots hops={hops} chain={chain} />),
    column("outcome", "Outcome", `${Math.max(66, marksWidth(peers.length) + 4)}px`, ({ outcomes }) => (
      <OutcomeMarks outcomes={outcomes} peers={peers} />
    )),
  ];
  return docked ? all.filter(({ id }) => !IN_DETAIL.includes(id)) : all;
}

const IN_DETAIL = ["source", "hops"];

type Row = Extract<Item, { kind: "row" }>["row"];

const column = (id: string, header: string, width: string, cell: (row: Row) => React.ReactNode): Column<Item> => ({
  id,
  header,
  width,
  cell: (item) => (item.kind === "row" ? cell(item.row) : null),
});

const WHY: Readonly<Record<Gap["reason"], string>> = {
  slow_console: "this console could not keep up",
  retention: "retention has taken them",
  reconnected: "the connection was lost for that long",
};

export const gapRow = (item: Item): React.ReactNode | undefined => {
  if (item.kind === "row") return undefined;
  const { from, to, reason } = item.gap;
  return (
    <span className={styles.gap}>
      <StateMark tone="wait" shape="warning">
        {countOf(to - from + 1, "event")} not shown
      </StateMark>
      <span>
        Seq {countWords(from)} to {countWords(to)}: {WHY[reason]}.
        {reason === "retention" ? "" : " Filter by seq to read them from the database."}
      </span>
    </span>
  );
};
