import { median, roundRatios } from "../measure/statistics.ts";
import type { CpuSnapshot } from "../processes/cpu.ts";
import type { Check, Comparison, Goal, ScenarioReport, Series, Unit } from "./scenario-report.ts";

/** A series with what its rounds come to. */
export interface SeriesSummary {
  readonly label: string;
  readonly unit: Unit;
  readonly median: number;
  readonly rounds: readonly number[];
  /** Microseconds for each event, by process; the median of the rounds. Empty where there is no account. */
  readonly cpu_us_per_event: CpuSnapshot;
}

export interface ComparisonSummary {
  readonly label: string;
  /** `ratio` compares two series; otherwise it is one series, in its unit. */
  readonly unit: Unit | "ratio";
  readonly median: number;
  readonly rounds: readonly number[];
  readonly goal: Goal | null;
  /** Null where there is no goal. */
  readonly met: boolean | null;
}

/** Of a scenario, what the table and the JSON show. */
export interface ScenarioSummary {
  readonly name: string;
  readonly title: string;
  readonly series: readonly SeriesSummary[];
  readonly comparisons: readonly ComparisonSummary[];
  readonly checks: readonly Check[];
  readonly notes: readonly string[];
  readonly error: string | null;
}

/** Medians over the rounds; what was not measured, because the scenario failed before, is left out. */
export function summarize(report: ScenarioReport): ScenarioSummary {
  const { name, title, checks, notes, error } = report;
  return {
    name,
    title,
    series: report.series.filter(({ values }) => values.length > 0).map(summarizeSeries),
    comparisons: report.comparisons
      .filter(({ of, by }) => of.values.length > 0 && (by === null || by.values.length > 0))
      .map(summarizeComparison),
    checks,
    notes: [...new Set(notes)],
    error,
  };
}

function summarizeSeries({ label, unit, values, cpu }: Series): SeriesSummary {
  const labels = Object.keys(cpu[0] ?? {});
  return {
    label,
    unit,
    median: median(values),
    rounds: values,
    cpu_us_per_event: Object.fromEntries(labels.map((key) => [key, median(cpu.map((round) => round[key] ?? 0))])),
  };
}

function summarizeComparison({ label, of, by, goal }: Comparison): ComparisonSummary {
  const rounds = by === null ? of.values : roundRatios(of.values, by.values);
  const middle = median(rounds);
  return {
    label,
    unit: by === null ? of.unit : "ratio",
    median: middle,
    rounds,
    goal,
    met: goal === null ? null : isMet(goal, middle),
  };
}

function isMet({ atLeast, below }: Goal, value: number): boolean {
  return (atLeast === undefined || value >= atLeast) && (below === undefined || value < below);
}
