const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `5s, 30s, 2m` as milliseconds. @returns the problem as a sentence when it is no such list */
export function readAges(text: string): { ages: number[] } | { problem: string } {
  const ages: number[] = [];
  for (const part of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const [, value, unit] = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)$/.exec(part) ?? [];
    if (value === undefined || unit === undefined)
      return { problem: `${part} is no age: write a number and a unit, such as 30s, 10m, 6h or 3d` };
    const age = Number(value) * (UNITS[unit] ?? 1);
    if (age <= (ages.at(-1) ?? 0)) return { problem: `${part} must be later than the age before it` };
    ages.push(age);
  }
  return ages.length === 0 ? { problem: "at least one age is needed, such as 30s" } : { ages };
}

export const writeAges = (ages: readonly number[]): string => ages.map(writeAge).join(", ");

export function writeAge(ms: number): string {
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const)
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  return `${ms}ms`;
}
