import type { CpuSnapshot } from "../processes/cpu.ts";

export type Unit = "events/s" | "pushes/s" | "frames/s" | "frames" | "tasks" | "ms/s" | "ms" | "s" | "kB" | "MB";

/** One line of the table: the same thing measured once in each round. */
export class Series {
  readonly label: string;
  readonly unit: Unit;
  readonly values: number[] = [];
  /** Microseconds of processor time for each event, by process; one for each round that was accounted for. */
  readonly cpu: CpuSnapshot[] = [];

  constructor(label: string, unit: Unit) {
    this.label = label;
    this.unit = unit;
  }

  add(value: number, cpu?: CpuSnapshot): void {
    this.values.push(value);
    if (cpu !== undefined && Object.keys(cpu).length > 0) this.cpu.push(cpu);
  }
}

/** What the issue asks for. `better` is what is hoped for beyond it. */
export interface Goal {
  readonly atLeast?: number;
  readonly below?: number;
  readonly better?: number;
}

/** A series, or one divided by another, with what it should come to. */
export interface Comparison {
  readonly label: string;
  readonly of: Series;
  readonly by: Series | null;
  readonly goal: Goal | null;
}

/** A count that has to be right for the numbers to mean anything. */
export interface Check {
  readonly label: string;
  readonly expected: number;
  readonly actual: number;
  readonly right: boolean;
}

/** Everything a scenario found out, in the order in which it is shown. */
export class ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly series: Series[] = [];
  readonly comparisons: Comparison[] = [];
  readonly notes: string[] = [];
  readonly #checks = new Map<string, Check>();
  error: string | null = null;

  constructor(name: string, title: string) {
    this.name = name;
    this.title = title;
  }

  addSeries(label: string, unit: Unit): Series {
    const series = new Series(label, unit);
    this.series.push(series);
    return series;
  }

  /** Compares round by round, when all rounds are done. */
  compare(label: string, of: Series, by: Series | null, goal: Goal | null = null): void {
    this.comparisons.push({ label, of, by, goal });
  }

  /** Counts of the same name are added up over the rounds; each of them has to be right by itself. */
  check(label: string, expected: number, actual: number): void {
    const sum = this.#checks.get(label) ?? { label, expected: 0, actual: 0, right: true };
    this.#checks.set(label, {
      label,
      expected: sum.expected + expected,
      actual: sum.actual + actual,
      right: sum.right && expected === actual,
    });
  }

  get checks(): readonly Check[] {
    return [...this.#checks.values()];
  }

  get failed(): boolean {
    return this.error !== null || this.checks.some(({ right }) => !right);
  }
}
