import { useQuery } from "@tanstack/react-query";
import { Ban, RotateCcw } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import type { EntryView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import screen from "../../ui/list-screen.module.css";
import { SplitView } from "../../ui/split-view.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countWords } from "../../ui/time-words.ts";
import { type Bulk, MOST_IDS } from "./bulk.ts";
import { BulkDialog } from "./bulk-dialog.tsx";
import { DeadGroups } from "./dead-groups.tsx";
import { EntryDetail } from "./entry-detail.tsx";
import { EntryList } from "./entry-list.tsx";
import { Jobs, RunningJobs } from "./jobs.tsx";
import { type LaneChoice, LaneList, LaneSelect } from "./lane-list.tsx";
import styles from "./outbox.module.css";
import { filterOf, OutboxSearch, type OutboxView } from "./search.ts";
import { useEntries } from "./use-entries.ts";
import { useEntryActions } from "./use-entry-actions.ts";
import { BULK, bulkVerb, useOutboxKeys } from "./use-outbox-keys.ts";
import { ViewTabs } from "./view-tabs.tsx";

const NONE: ReadonlySet<string> = new Set();

/** What is owed to whom, when it is tried next, and what gave up. */
export function OutboxScreen() {
  const { query } = useHub();
  const go = useGo();
  const [search, setSearch] = useScreenSearch(OutboxSearch);
  const { peer, state: view, entry: entryId } = search;
  const lanesQuery = useQuery(query.outbox.lanes.queryOptions());
  const lanes = useMemo(() => lanesQuery.data ?? [], [lanesQuery.data]);
  const filter = filterOf(search);
  const pages = useEntries(filter, lanesQuery.dataUpdatedAt);
  const { again, cancel } = useEntryActions();
  const [picked, setPicked] = useState<ReadonlySet<string>>(NONE);
  const [bulk, setBulk] = useState<Bulk | null>(null);

  const change = useCallback(
    (next: Partial<OutboxSearch>): void => {
      setPicked(NONE);
      setSearch(next, "pushed");
    },
    [setSearch],
  );
  const showView = (state: OutboxView): void => change({ state, cause: undefined });
  const showPeer = (id: string): void => change({ peer: id, cause: undefined });
  const stepPeer = (by: number): void => {
    const ids = ["", ...lanes.map((lane) => lane.peer.id)];
    showPeer(ids[(ids.indexOf(peer) + by + ids.length) % ids.length] ?? "");
  };
  const choice: LaneChoice = { lanes, peer, onPeer: showPeer };
  const docked = entryId !== "" && view !== "replays";
  const activeAt = entryId === "" ? null : pages.indexOf(entryId);
  const active: EntryView | undefined = activeAt === null ? undefined : pages.at(activeAt);

  const ask = (kind: Bulk["kind"]): void => {
    const ids = picked.size > 0 ? [...picked] : null;
    const owed = view === "owed" || view === "all";
    setBulk({ kind, filter, ids, owed });
  };
  const closing = picked.size > 0 ? () => setPicked(NONE) : entryId === "" ? undefined : () => setSearch({ entry: "" });
  useOutboxKeys({ view, picked: picked.size, active, again, cancel, ask, showView, stepPeer, close: closing });

  const pick = (from: number, to: number): void => {
    setPicked((before) => {
      const rows = Array.from({ length: to - from + 1 }, (_, at) => pages.at(from + at)?.id ?? "").filter(
        (id) => id !== "",
      );
      const next = new Set(before);
      const [first] = rows;
      if (rows.length === 1 && first !== undefined && next.has(first)) next.delete(first);
      else for (const id of rows) if (next.size < MOST_IDS) next.add(id);
      return next;
    });
  };
  const peerName = (id: string): string =>
    lanes.find((lane) => lane.peer.id === id)?.peer.name ?? "a peer that was removed";
  const shownLanes = peer === "" ? lanes : lanes.filter((lane) => lane.peer.id === peer);

  if (lanesQuery.data === undefined && lanesQuery.error !== null)
    return (
      <ErrorState
        title="The outbox cannot be shown"
        error={lanesQuery.error}
        onRetry={() => void lanesQuery.refetch()}
      />
    );
  const list = (
    <div className={styles.list}>
      {view === "dead" ? (
        <DeadGroups
          peer={peer}
          cause={search.cause}
          onGroup={(group) =>
            change(group === null ? { cause: undefined } : { cause: group.cause || undefined, peer: group.peer.id })
          }
          onReplay={({ peer: { id }, cause }) =>
            setBulk({ ...GROUP, kind: "again", filter: { ...filter, peerId: id, cause } })
          }
          onCancel={({ peer: { id }, cause }) =>
            setBulk({ ...GROUP, kind: "cancel", filter: { ...filter, peerId: id, cause } })
          }
        />
      ) : null}
      {view === "replays" ? (
        <Jobs peerName={peerName} />
      ) : (
        <EntryList
          pages={pages}
          view={view}
          lanes={lanes}
          known={lanesQuery.data !== undefined}
          active={activeAt}
          docked={docked}
          onActive={(id) => setSearch({ entry: id })}
          onOpen={(id) => go(`outbox/${id}`)}
          picked={picked}
          onPick={pick}
          onAgain={again}
          onCancel={cancel}
        />
      )}
    </div>
  );
  return (
    <div className={screen.screen} data-docked={docked}>
      <div className={screen.tools}>
        {view === "replays" ? null : <LaneSelect {...choice} />}
        <ViewTabs view={view} lanes={lanesQuery.data === undefined ? null : shownLanes} onView={showView} />
        <span className={styles.space} />
        <span className={styles.chosen} role="status">
          {picked.size === 0
            ? ""
            : `${countWords(picked.size)} chosen${picked.size === MOST_IDS ? ", the most at once" : ""}`}
        </span>
        {BULK[view].map((kind) => (
          <Button key={kind} onClick={() => ask(kind)} disabled={pages.count === 0}>
            {kind === "cancel" ? <Ban aria-hidden="true" /> : <RotateCcw aria-hidden="true" />}
            {bulkVerb(kind, view)} {picked.size > 0 ? "chosen" : "all"}…
          </Button>
        ))}
      </div>
      {view === "replays" ? null : <RunningJobs peerName={peerName} />}
      <div className={styles.body}>
        {/* A replay may be for any peers: choosing one would not change what is listed. */}
        {view === "replays" ? null : lanesQuery.data === undefined ? (
          <div className={styles.side}>
            <Skeleton lines={6} />
          </div>
        ) : (
          <LaneList {...choice} />
        )}
        <SplitView
          id="outbox"
          list={list}
          detail={docked ? <EntryDetail id={entryId} lanes={lanes} onClose={() => setSearch({ entry: "" })} /> : null}
        />
      </div>
      {bulk === null ? null : <BulkDialog bulk={bulk} onClose={() => setBulk(null)} onDone={() => setPicked(NONE)} />}
    </div>
  );
}

const GROUP = { ids: null, owed: false } as const;
