import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { z } from "zod";
import type { RatePoint } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { ErrorState } from "../../ui/state.tsx";
import { type ChartSeries, TimeChart } from "../../ui/time-chart.tsx";
import styles from "./overview.module.css";
import { SPANS, WINDOWS, type Window } from "./search.ts";

type Point = z.infer<typeof RatePoint>;
type Line = Omit<ChartSeries, "values"> & { readonly of: (point: Point) => number };

const IN: readonly Line[] = [
  {
    id: "endpoints",
    label: "From endpoints",
    colour: "--accent",
    tone: "idle",
    shape: "dot",
    of: ({ received, fromPeers }) => received - fromPeers,
  },
  {
    id: "peers",
    label: "From peers",
    colour: "--busy",
    dash: [6, 3],
    tone: "busy",
    shape: "arrow",
    of: ({ fromPeers }) => fromPeers,
  },
  {
    id: "refused",
    label: "Refused",
    colour: "--wait",
    dash: [2, 3],
    tone: "wait",
    shape: "warning",
    of: ({ refused }) => refused,
  },
];
const OUT: readonly Line[] = [
  { id: "delivered", label: "Delivered", colour: "--ok", tone: "ok", shape: "tick", of: ({ delivered }) => delivered },
  {
    id: "failed",
    label: "Failed attempts",
    colour: "--fail",
    dash: [6, 3],
    tone: "fail",
    shape: "cross",
    of: ({ failed }) => failed,
  },
  {
    id: "dropped",
    label: "Not forwarded",
    colour: "--idle",
    dash: [2, 3],
    tone: "idle",
    shape: "barred",
    of: ({ dropped }) => dropped,
  },
];

const drawn = (lines: readonly Line[], points: readonly Point[]): ChartSeries[] =>
  lines.map(({ of, ...line }) => ({ ...line, values: points.map(of) }));

/** What came in and what went out, step by step. */
export function Rates({ window, onWindow }: { window: Window; onWindow: (window: Window) => void }) {
  const { query } = useHub();
  const { minutes, step } = SPANS[window];
  const { data, error, refetch } = useQuery(
    query.overview.rates.queryOptions({ input: { minutes, step }, placeholderData: keepPreviousData }),
  );
  const points = useMemo(() => data ?? [], [data]);
  const times = useMemo(() => points.map(({ at }) => at), [points]);
  const inward = useMemo(() => drawn(IN, points), [points]);
  const outward = useMemo(() => drawn(OUT, points), [points]);
  return (
    <section className={styles.section} aria-label="Rates">
      <div className={styles.heading}>
        <h2>Rates</h2>
        <fieldset className={styles.windows}>
          <legend className="visually-hidden">How far back</legend>
          {WINDOWS.map((each) => (
            <button key={each} type="button" aria-pressed={each === window} onClick={() => onWindow(each)}>
              {SPANS[each].word}
            </button>
          ))}
        </fieldset>
      </div>
      {error !== null && data === undefined ? (
        <ErrorState title="The rates cannot be shown" error={error} onRetry={() => void refetch()} />
      ) : (
        <div className={styles.charts}>
          <TimeChart label="In" times={times} step={step} series={inward} />
          <TimeChart label="Out" times={times} step={step} series={outward} />
        </div>
      )}
    </section>
  );
}
