/** The known word that was probably meant; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const lower = word.toLowerCase();
  let best: string | null = null;
  let least = Math.min(2, Math.floor(lower.length / 2)) + 1;
  for (const each of known) {
    const by = each.startsWith(lower) && lower.length > 1 ? 1 : distance(lower, each);
    if (by < least) [best, least] = [each, by];
  }
  return best;
}

/** How many letters must be added, left out, replaced or swapped with the next to make one word of the other. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let by = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) by = Math.min(by, (older[j - 2] ?? by) + 1);
      row.push(by);
    }
    [older, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
