import type { Goal } from "./scenario-report.ts";
import type { ComparisonSummary, ScenarioSummary, SeriesSummary } from "./summary.ts";

/** What one scenario measured, as a table for people. */
export function scenarioTable({ title, series, checks, notes, error }: ScenarioSummary): string {
  const rows = series.map((line) => [line.label, figure(line.median), line.unit, range(line.rounds), cpuTotal(line)]);
  return [
    "",
    title,
    "",
    ...(rows.length === 0 ? [] : table(["", "median", "", "min … max", "CPU µs/event"], rows, [1, 4])),
    ...section("Processor time, µs/event:", series.flatMap(cpuLine)),
    ...section(
      "Counted:",
      checks.map(({ label, expected, actual, right }) => {
        const numbers = `${actual.toLocaleString("en")} of ${expected.toLocaleString("en")}`;
        return `${right ? "right" : "WRONG"}  ${label}: ${numbers}`;
      }),
    ),
    ...section("Notes:", notes),
    ...section("FAILED:", error === null ? [] : [error]),
  ].join("\n");
}

/** All comparisons beside what the issue asks for. */
export function goalTable(scenarios: readonly ScenarioSummary[]): string {
  const comparisons = scenarios.flatMap((scenario) => scenario.comparisons);
  if (comparisons.length === 0) return "";
  const rows = comparisons.map((line) => [
    line.label,
    valueText(line),
    range(line.rounds),
    line.goal === null ? "" : goalText(line.goal, line.unit),
    line.met === null ? "" : line.met ? "met" : "MISSED",
  ]);
  const heading = "Compared, round by round (the median of the rounds):";
  return ["", heading, "", ...table(["", "measured", "min … max", "goal", ""], rows, [1])].join("\n");
}

function valueText({ median, unit }: ComparisonSummary): string {
  return unit === "ratio" ? median.toFixed(2) : `${figure(median)} ${unit}`;
}

function goalText({ atLeast, below, better }: Goal, unit: string): string {
  const of = unit === "ratio" ? "" : ` ${unit}`;
  const parts = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}${of}`]),
    ...(below === undefined ? [] : [`below ${below}${of}`]),
    ...(better === undefined ? [] : [`better ${better}${of}`]),
  ];
  return parts.join(", ");
}

function cpuTotal({ cpu_us_per_event }: SeriesSummary): string {
  const entries = Object.entries(cpu_us_per_event).filter(([label]) => !label.endsWith(LOAD));
  return entries.length === 0 ? "" : figure(entries.reduce((sum, [, us]) => sum + us, 0));
}

function cpuLine({ label, cpu_us_per_event }: SeriesSummary): string[] {
  const entries = Object.entries(cpu_us_per_event);
  return entries.length === 0 ? [] : [`${label}: ${entries.map(([name, us]) => `${name} ${figure(us)}`).join(", ")}`];
}

/** What makes or takes the load is shown, but is no cost of the system. */
const LOAD = "(load)";

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];
}

function range(rounds: readonly number[]): string {
  return rounds.length < 2 ? "" : `${figure(Math.min(...rounds))} … ${figure(Math.max(...rounds))}`;
}

/** Three digits say all that such a measurement knows. */
function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** @param right columns that are aligned to the right */
function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const width = (column: number): number => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (right.includes(column) ? cell.padStart(width(column)) : cell.padEnd(width(column))))
      .join("  ")
      .trimEnd();
  return [head, ...rows].map((row) => `  ${line(row)}`);
}
