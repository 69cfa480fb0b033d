import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { cycleLengths } from "../../../shared/debugger/index.ts";
import { useHub } from "../../data/hub.tsx";
import { FederationMap } from "../../map/federation-map.tsx";
import { NoPeers } from "../../map/no-peers.tsx";
import type { Selection } from "../../map/picture.ts";
import { PictureTable } from "../../map/picture-table.tsx";
import { MAP_PACE_MS, useFreshWithTraffic } from "../../map/use-fresh.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { SplitView } from "../../ui/split-view.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { TopologySearch } from "./search.ts";
import { Side } from "./side.tsx";
import { Tools } from "./tools.tsx";
import styles from "./topology.module.css";
import { isSilent, topologyPicture } from "./topology-picture.ts";
import { useMoving } from "./use-moving.ts";

/** Who is connected to whom, does it loop, and what flows where. */
export function TopologyScreen() {
  const { query } = useHub();
  const [search, setSearch] = useScreenSearch(TopologySearch);
  const { window: windowMinutes, view, node, edge, seq, silent } = search;
  const { data, error, refetch } = useQuery(
    query.topology.get.queryOptions({
      input: { windowMinutes },
      placeholderData: keepPreviousData,
      refetchInterval: MAP_PACE_MS,
    }),
  );
  const path = useQuery({
    ...query.topology.path.queryOptions({ input: { seq: seq ?? 0 } }),
    enabled: seq !== undefined,
  });
  const lint = useQuery(query.lint.list.queryOptions({ refetchInterval: MAP_PACE_MS }));
  const [pointed, setPointed] = useState<ReadonlySet<string>>(new Set());
  useFreshWithTraffic([query.topology.key(), query.loops.key()]);
  const moving = useMoving(data, windowMinutes);
  const steps = seq === undefined ? null : (path.data ?? null);
  const cycles = useMemo(() => cycleLengths(lint.data?.findings ?? []), [lint.data]);
  const picture = useMemo(
    () => (data === undefined ? null : topologyPicture(data, { steps, moving, silent, cycles })),
    [data, steps, moving, silent, cycles],
  );
  const select = useCallback(
    (selection: Selection | null) =>
      setSearch({
        node: selection?.kind === "node" ? selection.id : undefined,
        edge: selection?.kind === "edge" ? selection.id : undefined,
        ...(selection === null ? {} : { side: "details" as const }),
      }),
    [setSearch],
  );
  const selected = useMemo<Selection | null>(
    () => (edge !== undefined ? { kind: "edge", id: edge } : node !== undefined ? { kind: "node", id: node } : null),
    [edge, node],
  );
  useActions([
    {
      id: "topology.table",
      group: "Topology",
      label: view === "map" ? "Show as a table" : "Show as a map",
      keys: "t",
      run: () => setSearch({ view: view === "map" ? "table" : "map" }),
    },
    ...(["details", "findings", "loops"] as const).map((side, at) => ({
      id: `topology.${side}`,
      group: "Topology",
      label: `Show ${side}`,
      keys: String(at + 1),
      run: () => setSearch({ side }),
    })),
    ...(selected === null && seq === undefined
      ? []
      : [
          {
            id: "topology.close",
            group: "Topology",
            label: "Select nothing",
            keys: "Escape",
            palette: false,
            run: () => setSearch({ node: undefined, edge: undefined, seq: undefined }),
          },
        ]),
  ]);

  if (data === undefined || picture === null)
    return error === null ? (
      <Skeleton lines={10} />
    ) : (
      <ErrorState title="The map cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  const alone = data.nodes.length === 1;
  return (
    <div className={styles.screen}>
      <Tools
        view={data}
        silentLinks={data.edges.filter(isSilent).length}
        pathError={seq === undefined ? null : path.error}
        error={error}
      />
      <div className={styles.body}>
        {alone ? (
          <NoPeers>
            Once it is paired, this map shows who is connected to whom, as far as the hubs tell; what flows over each
            link, what is stopped there and by which rule, and whether events go round.
          </NoPeers>
        ) : (
          <SplitView
            id="topology"
            share={32}
            list={
              view === "map" ? (
                <FederationMap
                  label="Map of the federation"
                  picture={picture}
                  selected={selected}
                  onSelect={select}
                  pointed={pointed}
                />
              ) : (
                <PictureTable picture={picture} selected={selected} onSelect={select} />
              )
            }
            detail={<Side view={data} steps={steps} selected={selected} onPoint={setPointed} />}
          />
        )}
      </div>
    </div>
  );
}
