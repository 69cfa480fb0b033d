import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { LabView } from "../../../shared/contract/index.ts";
import { type Column, DataList } from "../../ui/data-list.tsx";
import { HopDots } from "../../ui/mark.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { absoluteWords, clockWords } from "../../ui/time-words.ts";
import styles from "./lab.module.css";
import type { LabInUse } from "./use-lab.ts";

interface Entry {
  readonly at: number;
  readonly hub: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly hops: number;
  readonly chain: readonly string[];
}

const LIMIT = 200;

/** Ids made at one time begin alike: what tells a long one from the next is its end. */
const endOf = (id: string): string => (id.length > 9 ? `…${id.slice(-7)}` : id);

/** @param longest how many letters the longest name of a hub has */
const columnsFor = (longest: number): readonly Column<Entry>[] => [
  {
    id: "at",
    header: "Time",
    width: "96px",
    cell: ({ at }) => <time title={absoluteWords(at)}>{clockWords(at)}</time>,
  },
  { id: "hub", header: "Hub", width: `${Math.min(120, Math.max(60, longest * 8))}px`, cell: ({ hub }) => <b>{hub}</b> },
  { id: "seq", header: "Seq", width: "40px", align: "end", cell: ({ seq }) => seq },
  { id: "id", header: "Event", width: "72px", cell: ({ id }) => <code title={id}>{endOf(id)}</code> },
  { id: "type", header: "Type", width: "minmax(0, 1fr)", cell: ({ type }) => type },
  { id: "hops", header: "Hops", width: "64px", cell: ({ hops, chain }) => <HopDots hops={hops} chain={chain} /> },
  { id: "chain", header: "Way", width: "minmax(0, 0.5fr)", cell: ({ chain }) => chain.join(" → ") },
];

/** The events of all hubs as one list, newest first: they share one clock, so it is the order in which things happened. */
export function Timeline({ lab, use }: { lab: LabView; use: LabInUse }) {
  const navigate = useNavigate();
  const [active, setActive] = useState<string | null>(null);
  const timeline = useQuery(
    use.own.query.lab.timeline.queryOptions({ input: { limit: LIMIT }, placeholderData: keepPreviousData }),
    use.own.queries,
  );
  const longest = Math.max(...lab.hubs.map(({ key }) => key.length));
  const columns = useMemo(() => columnsFor(longest), [longest]);
  if (timeline.isPending) return <Skeleton lines={5} />;
  if (timeline.isError)
    return (
      <ErrorState title="The timeline cannot be shown" error={timeline.error} onRetry={() => void timeline.refetch()} />
    );
  const entries = timeline.data;
  if (entries.length === 0)
    return (
      <EmptyState title="No hub has an event yet">Press s to send one, or r to take the steps of the lab.</EmptyState>
    );
  const keyOf = ({ hub, seq }: Entry): string => `${hub}/${seq}`;
  const at = entries.findIndex((entry) => keyOf(entry) === active);
  const open = (index: number): void => {
    const entry = entries[index];
    const hub = lab.hubs.find(({ key }) => key === entry?.hub);
    if (entry !== undefined && hub !== undefined) void navigate({ to: `/${hub.hubId}/event/${entry.seq}` });
  };
  return (
    <DataList
      label="Timeline of all hubs"
      columns={columns}
      count={entries.length}
      itemAt={(index) => entries[index]}
      keyOf={keyOf}
      active={at === -1 ? null : at}
      onActive={(index) => setActive(entries[index] === undefined ? null : keyOf(entries[index]))}
      onOpen={open}
      foot={
        entries.length < LIMIT ? null : (
          <p className={styles.foot}>The latest {LIMIT}. Look at a hub for all of its own.</p>
        )
      }
    />
  );
}
