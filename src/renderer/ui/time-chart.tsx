import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../shell/theme.ts";
import { type Shape, StateMark, type Tone } from "./mark.tsx";
import styles from "./time-chart.module.css";
import { absoluteWords, countWords } from "./time-words.ts";

/** One line of a chart. Lines differ by stroke and name as well as by colour. */
export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  /** The name of a colour token, such as `--ok`. */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly tone: Tone;
  readonly shape: Shape;
  readonly values: readonly number[];
}

/** Counts over time, with a legend that says the sums and hides lines, and a tooltip under pointer or arrow keys. */
export function TimeChart({
  label,
  times,
  step,
  series,
}: {
  label: string;
  /** Begins of the steps, in milliseconds. */
  times: readonly number[];
  /** Length of a step, in seconds. */
  step: number;
  series: readonly ChartSeries[];
}) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const theme = useTheme();
  const scheme = useScheme();
  const [at, setAt] = useState<number | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shape = series.map(({ id, label: name, colour }) => `${id} ${name} ${colour}`).join();
  const shown = useRef({ times, series });
  shown.current = { times, series };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart is made anew when its lines or its colours are others
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      options(element, shown.current.series, setAt),
      dataOf(shown.current.times, shown.current.series),
      element,
    );
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape, theme, scheme]);

  useEffect(() => chart.current?.setData(dataOf(times, series)), [times, series]);
  useEffect(() => {
    series.forEach(({ id }, index) => {
      chart.current?.setSeries(index + 1, { show: !hidden.has(id) });
    });
  }, [hidden, series]);

  const move = (by: number): void => {
    const { current } = chart;
    if (current === null || times.length === 0) return;
    const next = Math.max(0, Math.min(times.length - 1, at === null ? times.length - 1 : at + by));
    current.setCursor({ left: current.valToPos((times[next] ?? 0) / 1_000, "x"), top: 10 });
  };
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const toggle = (id: string): void =>
    setHidden((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const time = at === null ? undefined : times[at];
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.legend}>
        <span className={styles.label}>{label}</span>
        {series.map((line) => (
          <button
            key={line.id}
            type="button"
            className={styles.key}
            aria-pressed={!hidden.has(line.id)}
            title={hidden.has(line.id) ? "Show this line" : "Hide this line"}
            onClick={() => toggle(line.id)}
          >
            <Stroke line={line} />
            {line.label}
            <span className={styles.sum}>{countWords(sum(line.values))}</span>
          </button>
        ))}
      </figcaption>
      <div
        className={styles.plot}
        role="slider"
        tabIndex={0}
        aria-label={`${label}, a point in time`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={at ?? Math.max(0, times.length - 1)}
        aria-valuetext={
          time === undefined || at === null
            ? `All: ${series.map((line) => `${line.label} ${countWords(sum(line.values))}`).join(", ")}`
            : `${absoluteWords(time).slice(0, 16)}: ${series.map((line) => `${line.label} ${countWords(line.values[at] ?? 0)}`).join(", ")}`
        }
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") move(-1);
          else if (event.key === "ArrowRight") move(1);
          else return;
          event.preventDefault();
        }}
        onBlur={() => chart.current?.setCursor({ left: -10, top: -10 })}
      >
        <div ref={host} className={styles.canvas} />
        {time === undefined || at === null ? null : (
          <div
            className={styles.tip}
            aria-hidden="true"
            data-side={at > times.length / 2 ? "left" : "right"}
            style={{ left: chart.current === null ? 0 : chart.current.valToPos(time / 1_000, "x") + 44 }}
          >
            <div className={styles.when}>
              {absoluteWords(time).slice(0, 16)}, {stepWords(step)}
            </div>
            {series.map((line) => (
              <div key={line.id} className={styles.value}>
                <StateMark tone={line.tone} shape={line.shape}>
                  {line.label}
                </StateMark>
                <span>{countWords(line.values[at] ?? 0)}</span>
              </div>
            ))}
          </div>
        )}
      </div>
    </figure>
  );
}

function Stroke({ line }: { line: ChartSeries }) {
  return (
    <svg width="16" height="8" viewBox="0 0 16 8" aria-hidden="true">
      <line
        x1="0"
        x2="16"
        y1="4"
        y2="4"
        stroke={`var(${line.colour})`}
        strokeWidth="2"
        strokeDasharray={line.dash?.join(" ")}
      />
    </svg>
  );
}

const stepWords = (seconds: number): string =>
  seconds < 3_600
    ? `${seconds / 60} min`
    : seconds < 86_400
      ? `${seconds / 3_600} h`
      : `${seconds / 86_400} ${seconds === 86_400 ? "day" : "days"}`;

function dataOf(times: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData {
  return [times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])];
}

/** The time of day, or the day where a day begins. */
function tickWords(seconds: number): string {
  const date = new Date(seconds * 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return date.getHours() === 0 && date.getMinutes() === 0
    ? date.toLocaleDateString("en", { month: "short", day: "numeric" })
    : `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The colour of a token as the canvas takes it: a token may say another for dark than for light. */
function colourOf(host: Element, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function options(
  host: HTMLElement,
  series: readonly ChartSeries[],
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const text = colourOf(host, "--text-3");
  const grid = colourOf(host, "--border");
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] } },
    axes: [
      { ...axis, size: 24, space: 70, grid: { show: false }, values: (_, splits) => splits.map(tickWords) },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7] },
    ],
    series: [
      {},
      ...series.map(({ label, colour, dash }) => ({
        label,
        stroke: colourOf(host, colour),
        width: 1.5,
        points: { show: false },
        ...(dash === undefined ? {} : { dash: [...dash] }),
      })),
    ],
    hooks: { setCursor: [({ cursor: { idx } }) => onCursor(idx ?? null)] },
  };
}

/** Changes when the system turns dark or light. */
function useScheme(): boolean {
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listen = (): void => setDark(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  return dark;
}
