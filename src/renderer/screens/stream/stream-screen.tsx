import { BarChart3, Pause, Play, Send } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type FieldName, type Filter, parseFilter } from "../../../shared/filter/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { type Item, keyOf } from "../../data/stream/ring-buffer.ts";
import { useOlder } from "../../data/stream/use-older.ts";
import { useStreamView } from "../../data/stream/use-stream-view.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { DataList } from "../../ui/data-list.tsx";
import screen from "../../ui/list-screen.module.css";
import { StateMark } from "../../ui/mark.tsx";
import { ContextMenu } from "../../ui/menu.tsx";
import { NewRows } from "../../ui/new-rows.tsx";
import { SplitView } from "../../ui/split-view.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { EventView } from "../event/event-view.tsx";
import { gapRow, streamColumns } from "./columns.tsx";
import { Composer } from "./composer.tsx";
import { Facets } from "./facets.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { seenValues } from "./filter-values.ts";
import { StreamFoot } from "./foot.tsx";
import { rowMenu } from "./row-menu.ts";
import { SavedViews } from "./saved-views.tsx";
import { StreamSearch } from "./search.ts";
import styles from "./stream.module.css";
import { StreamEmpty } from "./stream-empty.tsx";

const UNREADABLE: Filter = { items: [] };

/** What is happening now, and where the event is that is meant. */
export function StreamScreen() {
  const { feed } = useHub();
  const go = useGo();
  const [{ q, seq }, setSearch] = useScreenSearch(StreamSearch);
  const filter = useMemo(() => {
    const read = parseFilter(q);
    return read.ok ? read.filter : UNREADABLE;
  }, [q]);
  const { view, asking, error, askAgain } = useStreamView(filter);
  const [facets, setFacets] = useState(false);
  const [composing, setComposing] = useState(false);
  const [target, setTarget] = useState<{ item: Item; column: string } | null>(null);

  const oldestHere = useMemo(() => {
    void view.version;
    const first = feed.buffer.at(feed.buffer.first);
    return first === undefined ? feed.head + 1 : first.kind === "row" ? first.row.seq : first.gap.from;
  }, [view.version, feed]);
  const live = view.count;
  const older = useOlder(q, oldestHere, live);
  const { history, show } = older;
  const count = live + older.count;
  const itemAt = (index: number): Item | undefined => (index < live ? view.at(index) : older.at(index - live));
  const placeOf = (at: number): number | null => {
    const place = older.placeOf(at);
    return view.placeOf(at) ?? (place === null ? null : live + place);
  };
  const active = seq === undefined ? null : placeOf(seq);
  const onRange = useCallback((from: number, to: number) => show(from - live, to - live), [show, live]);
  const docked = seq !== undefined;
  const columns = useMemo(() => streamColumns(feed.peers, docked), [feed.peers, docked]);

  const setFilter = useCallback((text: string) => setSearch({ q: text }), [setSearch]);
  const valuesOf = useCallback((field: FieldName) => seenValues(feed.buffer, feed.peers, field), [feed]);
  const open = (index: number): void => {
    const item = itemAt(index);
    if (item?.kind === "row") go(`event/${item.row.seq}`);
  };
  const activate = (index: number): void => {
    view.stop();
    const item = itemAt(index);
    const at = item === undefined ? older.seqAt(index - live) : item.kind === "row" ? item.row.seq : undefined;
    if (at !== undefined) setSearch({ seq: at });
  };
  const tail = (): void => {
    view.go();
    setSearch({ seq: undefined });
    document.querySelector("[role='grid']")?.scrollTo({ top: 0 });
  };
  const toggle = (): void => (view.stopped ? tail() : view.stop());

  useActions([
    { id: "stream.pause", group: "Stream", label: view.stopped ? "Go on" : "Pause", keys: ".", run: toggle },
    { id: "stream.newest", group: "Stream", label: "Newest events", keys: "n", run: tail },
    { id: "stream.facets", group: "Stream", label: "Counts by field", keys: "f", run: () => setFacets(!facets) },
    { id: "stream.compose", group: "Stream", label: "Send an event", keys: "N", run: () => setComposing(true) },
    ...(seq === undefined
      ? []
      : [
          {
            id: "stream.close",
            group: "Stream",
            label: "Close the detail",
            keys: "Escape",
            palette: false,
            run: () => setSearch({ seq: undefined }),
          },
        ]),
  ]);

  // A list that is shorter than the screen looks for more by itself.
  const { state, search } = history;
  const sparse = q !== "" && feed.started && live < 50 && oldestHere > feed.oldest;
  useEffect(() => {
    if (sparse && state === "idle") search(oldestHere);
  }, [sparse, state, search, oldestHere]);

  const foot = <StreamFoot older={older} before={q === "" ? older.endsAt : oldestHere} oldest={feed.oldest} />;
  const list =
    count > 0 ? (
      <ContextMenu
        entries={
          target === null
            ? []
            : rowMenu(target.item, target.column, feed.peers, filter, { setFilter, open: (at) => go(`event/${at}`) })
        }
      >
        <div className={styles.tail} data-version={view.version}>
          <NewRows count={view.waiting} onShow={tail} />
          {error === null ? null : (
            <p className={styles.warning} role="alert">
              <StateMark tone="fail" shape="cross">
                Some events that fit may be missing
              </StateMark>
              {messageOf(error)}
              <Button onClick={askAgain}>Try again</Button>
            </p>
          )}
          <DataList
            primary
            label="Events"
            columns={columns}
            count={count}
            itemAt={itemAt}
            keyOf={keyOf}
            active={active}
            onActive={activate}
            onOpen={open}
            onMove={() => view.stop()}
            onRange={onRange}
            wide={gapRow}
            foot={foot}
            onContextMenu={({ target: at }, item) => {
              const column = at instanceof Element ? at.closest<HTMLElement>("[data-column]")?.dataset["column"] : "";
              setTarget({ item, column: column ?? "" });
            }}
          />
        </div>
      </ContextMenu>
    ) : feed.error !== null ? (
      <ErrorState title="The events cannot be shown" error={feed.error} />
    ) : error !== null ? (
      <ErrorState title="The payloads could not be searched" error={error} onRetry={askAgain} />
    ) : !feed.started || asking > 0 || state === "searching" ? (
      <>
        <Skeleton lines={14} />
        {state === "searching" ? foot : null}
      </>
    ) : q === "" ? (
      <StreamEmpty onCompose={() => setComposing(true)} />
    ) : (
      <EmptyState title="No event fits this filter">
        <p>New ones that fit will appear here.</p>
        <Button onClick={() => setFilter("")}>Clear the filter</Button>
        <div className={styles.inset}>{foot}</div>
      </EmptyState>
    );

  return (
    <div className={screen.screen}>
      <div className={screen.tools} data-grows="true">
        <FilterBar text={q} onText={setFilter} valuesOf={valuesOf} />
        <Button onClick={toggle} keys="." aria-pressed={view.stopped}>
          {view.stopped ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
          {view.stopped ? "Go on" : "Pause"}
        </Button>
        <IconButton label="Counts by field" keys="f" aria-pressed={facets} onClick={() => setFacets(!facets)}>
          <BarChart3 />
        </IconButton>
        <SavedViews filter={q} onFilter={setFilter} />
        <IconButton label="Send an event" keys="N" onClick={() => setComposing(true)}>
          <Send />
        </IconButton>
      </div>
      <div className={styles.body}>
        {facets ? (
          <div className={styles.side}>
            <Facets filter={filter} onFilter={setFilter} />
          </div>
        ) : (
          <span />
        )}
        <SplitView
          id="stream"
          list={list}
          detail={seq === undefined ? null : <EventView key="detail" seq={seq} docked />}
        />
      </div>
      <Composer open={composing} onClose={() => setComposing(false)} />
    </div>
  );
}
