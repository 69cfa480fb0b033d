/** The middle of the values, or the mean of the two in the middle. @throws Error when there are none */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 1 ? upper : sorted[middle - 1];
  if (upper === undefined || lower === undefined) throw new Error("there is no median of nothing");
  return (upper + lower) / 2;
}

/**
 * Compares two series of interleaved rounds: a machine's speed changes from minute to minute, so only what was measured
 * side by side is divided, round by round.
 */
export function roundRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  const rounds = Math.min(numerators.length, denominators.length);
  return Array.from({ length: rounds }, (_, round) => (numerators[round] ?? 0) / (denominators[round] ?? 0));
}
