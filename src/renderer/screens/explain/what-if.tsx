import { useState } from "react";
import { apiCalls, applyChanges, type Change, nameOf, type TopologyMap } from "../../../shared/debugger/index.ts";
import { ApplyDialog, Calls } from "../../map/changes.tsx";
import { ManyDifferences } from "../../map/many-differences.tsx";
import type { Selection } from "../../map/picture.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { AddLink } from "./add-link.tsx";
import { DifferenceTable } from "./difference-table.tsx";
import styles from "./explain.module.css";
import { LinkEditor } from "./link-editor.tsx";
import { ExplainSearch } from "./search.ts";
import type { WhatIfAnswer } from "./use-what-if.ts";

/** Changes that are tried out on the map, and what would be different. Nothing is changed until it is applied. */
export function WhatIf({
  map,
  changes,
  asked,
  selected,
  answer: { data, error, refetch },
}: {
  map: TopologyMap;
  changes: readonly Change[];
  asked: boolean;
  selected: Selection | null;
  answer: WhatIfAnswer;
}) {
  const [, setSearch] = useScreenSearch(ExplainSearch);
  const [applying, setApplying] = useState(false);
  const [showing, setShowing] = useState(false);
  const set = (next: readonly Change[]): void =>
    setSearch({ changes: next.length === 0 ? undefined : JSON.stringify(next) });
  const add = (change: Change): void => set([...changes.filter((one) => !replaces(change, one)), change]);
  return (
    <div className={styles.side}>
      {changes.length === 0 ? (
        <p>Change a link in this sandbox, and see what would be different. Nothing is changed until you apply it.</p>
      ) : (
        <section aria-label="Changes">
          <h2 className={styles.subheading}>Changes that are tried out</h2>
          <ul className={styles.list}>
            {changes.map((change, at) => (
              <li key={JSON.stringify(change)} className={styles.line}>
                <span className={styles.grow}>{wordsOf(map, changes.slice(0, at), change)}</span>
                <Button look="quiet" onClick={() => set(changes.filter((_, other) => other !== at))}>
                  Take back
                </Button>
              </li>
            ))}
          </ul>
          {data?.problems.map(({ change, problem }) => (
            <p key={change} className={styles.sentence}>
              <StateMark tone="fail" shape="cross">
                {problem}
              </StateMark>
            </p>
          ))}
          <div className={styles.line}>
            <Button look="primary" onClick={() => setApplying(true)}>
              Apply…
            </Button>
            <Button onClick={() => setShowing(true)} disabled={data === undefined}>
              As API calls
            </Button>
            <Button look="quiet" onClick={() => set([])}>
              Take all back
            </Button>
          </div>
        </section>
      )}
      {changes.length === 0 ? null : error !== null ? (
        <ErrorState title="The changes cannot be tried out" error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={4} />
      ) : (
        <section aria-label="Differences">
          {asked && data.one !== null ? (
            <>
              <h2 className={styles.subheading}>For this event</h2>
              <DifferenceTable map={map} difference={data.one.difference} />
            </>
          ) : null}
          <h2 className={styles.subheading}>For the newest events</h2>
          {data.many === null ? null : <ManyDifferences many={data.many} />}
        </section>
      )}
      <LinkEditor map={map} changes={changes} selected={selected} onChange={add} />
      <AddLink map={map} onChange={add} />
      <ApplyDialog changes={applying ? changes : null} onClose={() => setApplying(false)} onApplied={() => set([])} />
      <Dialog open={showing} onClose={() => setShowing(false)} title="The changes as API calls" width={640}>
        <Calls calls={data?.calls ?? []} />
      </Dialog>
    </div>
  );
}

/** A later change of one thing takes the place of the earlier one. */
function replaces(change: Change, earlier: Change): boolean {
  if (change.kind === "add") return earlier.kind === "add" && change.from === earlier.from && change.to === earlier.to;
  if (earlier.kind === "add") return false;
  return change.link === earlier.link && (change.kind === earlier.kind || change.kind === "cut");
}

function wordsOf(map: TopologyMap, before: readonly Change[], change: Change): string {
  const [call] = apiCalls(applyChanges(map, before).map, [change]);
  if (call !== undefined) return call.sentence;
  return change.kind === "add"
    ? `${nameOf(map, change.from)} → ${nameOf(map, change.to)}: a new link`
    : "This change does not fit the map.";
}
