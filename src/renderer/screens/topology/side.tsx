import { useQuery } from "@tanstack/react-query";
import type { TopologyStep, TopologyView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import type { Selection } from "../../map/picture.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { EmptyState, ErrorState } from "../../ui/state.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { countWords } from "../../ui/time-words.ts";
import { EdgeDetails } from "./edge-details.tsx";
import { Findings } from "./findings.tsx";
import { Loops } from "./loops.tsx";
import { NodeDetails } from "./node-details.tsx";
import { SIDES, TopologySearch } from "./search.ts";
import styles from "./topology.module.css";

/** What is beside the map: the selected, what is worth knowing before any traffic, and what went round. */
export function Side({
  view,
  steps,
  selected,
  onPoint,
}: {
  view: TopologyView;
  steps: readonly TopologyStep[] | null;
  selected: Selection | null;
  onPoint: (links: ReadonlySet<string>) => void;
}) {
  const { query } = useHub();
  const [{ side, seq }, setSearch] = useScreenSearch(TopologySearch);
  const lint = useQuery(query.lint.list.queryOptions());
  const cycles = lint.data?.findings.filter(({ rule }) => rule === "cycle") ?? [];
  const edge = selected?.kind === "edge" ? view.edges.find(({ id }) => id === selected.id) : undefined;
  const node = selected?.kind === "node" ? view.nodes.find(({ key }) => key === selected.id) : undefined;
  const details =
    edge !== undefined ? (
      <EdgeDetails view={view} edge={edge} step={steps?.find((one) => one.edge === edge.id) ?? null} />
    ) : node !== undefined ? (
      <NodeDetails view={view} node={node} />
    ) : steps !== null ? (
      <Way seq={seq ?? 0} steps={steps} view={view} />
    ) : (
      <EmptyState title="Nothing is selected">
        <p>Select a link or an instance: by a click, or with the arrows and Enter.</p>
        <p>A link is one direction: what it lets through, and what went over it.</p>
      </EmptyState>
    );
  return (
    <Tabs
      label="Beside the map"
      value={side}
      onValue={(id) => setSearch({ side: SIDES.find((one) => one === id) ?? "details" })}
      tabs={[
        { id: "details", label: "Details", body: details },
        {
          id: "findings",
          label: "Findings",
          ...(lint.data === undefined ? {} : { count: lint.data.findings.length }),
          body:
            lint.error !== null && lint.data === undefined ? (
              <ErrorState title="The map cannot be checked" error={lint.error} onRetry={() => void lint.refetch()} />
            ) : (
              <Findings findings={lint.data?.findings ?? null} onPoint={onPoint} />
            ),
        },
        {
          id: "loops",
          label: "Loops",
          ...(lint.data === undefined ? {} : { count: cycles.length }),
          body: <Loops view={view} cycles={cycles} onPoint={onPoint} />,
        },
      ]}
    />
  );
}

/** The way of one event in words. */
function Way({ seq, steps, view }: { seq: number; steps: readonly TopologyStep[]; view: TopologyView }) {
  const [, setSearch] = useScreenSearch(TopologySearch);
  const nameOf = (key: string): string => view.nodes.find((node) => node.key === key)?.name ?? key;
  return (
    <section className={styles.details} aria-label="Way of the event">
      <h2 className={styles.heading}>Way of event {countWords(seq)}</h2>
      {steps.length === 0 ? <p>It came in here, and nothing was decided about any peer.</p> : null}
      <ol className={styles.steps}>
        {steps.map((step) => {
          const edge = view.edges.find(({ id }) => id === step.edge);
          return (
            <li key={step.edge} data-outcome={step.outcome}>
              {edge === undefined ? null : (
                <button
                  type="button"
                  className={styles.link}
                  onClick={() => setSearch({ edge: step.edge, node: undefined })}
                >
                  {nameOf(edge.from)} → {nameOf(edge.to)}
                </button>
              )}
              <p>{step.sentence}</p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
