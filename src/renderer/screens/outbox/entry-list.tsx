import { useCallback, useMemo, useState } from "react";
import type { EntryView, LaneView } from "../../../shared/contract/index.ts";
import { useGo } from "../../shell/navigation.ts";
import { copyText } from "../../ui/copy.tsx";
import { DataList } from "../../ui/data-list.tsx";
import { ContextMenu } from "../../ui/menu.tsx";
import { NewRows } from "../../ui/new-rows.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { entryColumns } from "./columns.tsx";
import type { EntryPages } from "./entry-pages.ts";
import styles from "./outbox.module.css";
import { OutboxEmpty } from "./outbox-empty.tsx";
import type { OutboxView } from "./search.ts";
import { canAgain, canCancel } from "./use-entry-actions.ts";

/** The entries that fit the filter, a million of them if need be. */
export function EntryList({
  pages,
  view,
  lanes,
  known,
  active,
  docked,
  onActive,
  onOpen,
  picked,
  onPick,
  onAgain,
  onCancel,
}: {
  pages: EntryPages;
  view: Exclude<OutboxView, "replays">;
  lanes: readonly LaneView[];
  /** False as long as the lanes were not told. */
  known: boolean;
  active: number | null;
  /** True when a detail stands beside it. */
  docked: boolean;
  onActive: (id: string) => void;
  onOpen: (id: string) => void;
  picked: ReadonlySet<string>;
  onPick: (from: number, to: number) => void;
  onAgain: (entry: EntryView) => void;
  onCancel: (entry: EntryView) => void;
}) {
  const go = useGo();
  const [target, setTarget] = useState<EntryView | null>(null);
  const columns = useMemo(() => entryColumns(lanes, docked, view), [lanes, docked, view]);
  const onRange = useCallback((from: number, to: number) => pages.show(from, to), [pages]);
  const idAt = (index: number, use: (id: string) => void): void => {
    const entry = pages.at(index);
    if (entry !== undefined) use(entry.id);
  };
  if (!pages.started)
    return pages.error === null ? (
      <Skeleton lines={14} />
    ) : (
      <ErrorState title="The entries cannot be shown" error={pages.error} onRetry={() => pages.refresh()} />
    );
  if (pages.count === 0 && pages.complete)
    return known ? <OutboxEmpty view={view} peers={lanes.length} /> : <Skeleton />;
  return (
    <ContextMenu
      entries={
        target === null
          ? []
          : [
              {
                label: target.state === "pending" ? "Retry now" : "Replay",
                keys: "r",
                disabled: !canAgain(target),
                onSelect: () => onAgain(target),
              },
              {
                label: "Cancel",
                keys: "C",
                danger: true,
                disabled: !canCancel(target),
                onSelect: () => onCancel(target),
              },
              { kind: "line" },
              { label: "Open entry", keys: "Enter", onSelect: () => onOpen(target.id) },
              { label: "Open event", onSelect: () => go(`event/${target.seq}`) },
              { label: "Copy entry id", onSelect: () => void copyText(target.id, "the entry id") },
              ...(target.lastError === null
                ? []
                : [
                    {
                      label: "Copy last error",
                      onSelect: () => void copyText(target.lastError ?? "", "the last error"),
                    },
                  ]),
            ]
      }
    >
      <div className={styles.entries} data-version={pages.version}>
        <NewRows count={pages.waiting} onShow={() => document.querySelector("[role='grid']")?.scrollTo({ top: 0 })} />
        {pages.error === null ? null : (
          <ErrorState title="These may be out of date" error={pages.error} onRetry={() => pages.refresh()} />
        )}
        <DataList
          primary
          label="Entries"
          columns={columns}
          count={pages.count}
          itemAt={(index) => pages.at(index)}
          keyOf={({ id }) => id}
          active={active}
          onActive={(index) => idAt(index, onActive)}
          onOpen={(index) => idAt(index, onOpen)}
          isSelected={({ id }) => picked.has(id)}
          onSelect={onPick}
          onRange={onRange}
          onContextMenu={(_, entry) => setTarget(entry)}
          foot={pages.complete ? null : <Skeleton lines={3} />}
        />
      </div>
    </ContextMenu>
  );
}
