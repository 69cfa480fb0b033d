import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { applyChanges } from "../../../shared/debugger/index.ts";
import { useHub } from "../../data/hub.tsx";
import { FederationMap } from "../../map/federation-map.tsx";
import { NoPeers } from "../../map/no-peers.tsx";
import type { Selection } from "../../map/picture.ts";
import { PictureTable } from "../../map/picture-table.tsx";
import { MAP_PACE_MS } from "../../map/use-fresh.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { SplitView } from "../../ui/split-view.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { AskBar } from "./ask-bar.tsx";
import { askedEvent } from "./asked.ts";
import styles from "./explain.module.css";
import { explainPicture } from "./explain-picture.ts";
import { Probe } from "./probe.tsx";
import { Recent } from "./recent.tsx";
import { ExplainSearch, readChanges, TABS } from "./search.ts";
import { useWhatIf } from "./use-what-if.ts";
import { Way } from "./way.tsx";
import { WhatIf } from "./what-if.tsx";

const NOTHING: ReadonlySet<string> = new Set();

/** Where an event would go, and which rule would stop it. */
export function ExplainScreen() {
  const { query } = useHub();
  const [search, setSearch] = useScreenSearch(ExplainSearch);
  const { tab, view, node, edge, seq, type, bytes, prov } = search;
  const event = useMemo(() => askedEvent({ seq, type, bytes, prov }), [seq, type, bytes, prov]);
  const changes = useMemo(() => readChanges(search.changes ?? "[]"), [search.changes]);
  const mapped = useQuery(query.explain.map.queryOptions({ refetchInterval: MAP_PACE_MS }));
  const explained = useQuery({
    ...query.explain.event.queryOptions({
      input: { event: event ?? { type: "none" } },
      placeholderData: keepPreviousData,
      refetchInterval: MAP_PACE_MS,
    }),
    enabled: event !== null,
  });
  const whatIf = useWhatIf(event, changes);
  const [pointed, setPointed] = useState(NOTHING);
  const explanation = event === null ? null : (explained.data?.explanation ?? null);
  const map = (event === null ? undefined : explained.data?.map) ?? mapped.data?.map;
  const alone = map?.instances.length === 1;
  const trying = tab === "what-if" && changes.length > 0;
  const picture = useMemo(() => {
    if (map === undefined) return null;
    if (!trying) return explainPicture(map, explanation, null);
    const one = whatIf.data?.one ?? null;
    return explainPicture(applyChanges(map, changes).map, one?.after ?? explanation, one?.difference ?? null);
  }, [map, explanation, trying, whatIf.data, changes]);
  const select = useCallback(
    (selection: Selection | null) =>
      setSearch({
        node: selection?.kind === "node" ? selection.id : undefined,
        edge: selection?.kind === "edge" ? selection.id : undefined,
      }),
    [setSearch],
  );
  const selected = useMemo<Selection | null>(
    () => (edge !== undefined ? { kind: "edge", id: edge } : node !== undefined ? { kind: "node", id: node } : null),
    [edge, node],
  );
  const toggle = (): void => setSearch({ view: view === "map" ? "table" : "map" });
  useActions([
    {
      id: "explain.table",
      group: "Explain",
      label: view === "map" ? "Show as a table" : "Show as a map",
      keys: "t",
      run: toggle,
    },
    ...TABS.map((each, at) => ({
      id: `explain.${each}`,
      group: "Explain",
      label: `Show ${TAB_WORDS[each].toLowerCase()}`,
      keys: String(at + 1),
      run: () => setSearch({ tab: each }),
    })),
  ]);

  const problem = event === null ? mapped.error : explained.error;
  const body =
    problem !== null && (event !== null || map === undefined) ? (
      <ErrorState
        title={event === null ? "The map cannot be shown" : "This event cannot be explained"}
        error={problem}
        onRetry={() => void (event === null ? mapped : explained).refetch()}
      />
    ) : map === undefined || picture === null || (event !== null && explanation === null) ? (
      <Skeleton lines={10} />
    ) : (
      <SplitView
        id="explain"
        share={34}
        list={
          view === "map" ? (
            <FederationMap
              label="Where the event goes"
              picture={picture}
              selected={selected}
              onSelect={select}
              pointed={pointed}
            />
          ) : (
            <PictureTable picture={picture} selected={selected} onSelect={select} />
          )
        }
        detail={
          <Tabs
            label="About the event"
            value={tab}
            onValue={(id) => setSearch({ tab: TABS.find((one) => one === id) ?? "way" })}
            tabs={[
              {
                id: "way",
                label: TAB_WORDS.way,
                body:
                  explanation === null && alone ? (
                    <NoPeers>
                      Once it is paired, this shows where an event would go, hop by hop, and which rule would stop it.
                    </NoPeers>
                  ) : explanation === null ? (
                    <Recent />
                  ) : (
                    <Way
                      map={map}
                      explanation={explanation}
                      seq={seq}
                      selected={selected}
                      onSelect={select}
                      onPoint={setPointed}
                    />
                  ),
              },
              {
                id: "what-if",
                label: TAB_WORDS["what-if"],
                ...(changes.length === 0 ? {} : { count: changes.length }),
                body: alone ? (
                  <NoPeers>
                    Once it is paired, its links are changed here on trial, to see what would be different.
                  </NoPeers>
                ) : (
                  <WhatIf map={map} changes={changes} asked={event !== null} selected={selected} answer={whatIf} />
                ),
              },
              {
                id: "probe",
                label: TAB_WORDS.probe,
                body: <Probe key={JSON.stringify(event)} event={event} map={map} explanation={explanation} />,
              },
            ]}
          />
        }
      />
    );
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>
        <AskBar key={`${seq} ${type}`} />
        <span className={styles.space} />
        <Button keys="t" onClick={toggle}>
          {view === "map" ? "Table" : "Map"}
        </Button>
      </div>
      <div className={styles.body}>{body}</div>
    </div>
  );
}

const TAB_WORDS = { way: "Way", "what-if": "What if", probe: "Live probe" } as const;
