const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const AGO = /^(\d{1,6})([smhdw])$/;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** The canonical form of a time as it may be written, `2h` ago or ISO 8601; null when it is neither. */
export function canonicalTime(text: string): string | null {
  const ago = text.toLowerCase();
  if (AGO.test(ago)) return ago.replace(/^0+(?=\d)/, "");
  const iso = text.toUpperCase();
  return ISO.test(iso) && !Number.isNaN(readIso(iso)) ? iso : null;
}

/** A canonical time in milliseconds since the epoch. */
export function readTime(canonical: string, now: number): number {
  const [, count, unit] = AGO.exec(canonical) ?? [];
  if (count === undefined || unit === undefined) return readIso(canonical);
  return now - Number(count) * (UNITS[unit] ?? 0);
}

// Without a zone it is UTC, everywhere: a link to a filter must mean the same to whoever opens it.
function readIso(iso: string): number {
  return Date.parse(iso.includes("T") && !/(Z|[+-]\d\d:\d\d)$/.test(iso) ? `${iso}Z` : iso);
}
