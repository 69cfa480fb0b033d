/** A text as a URL, or null when it is none. */
export function readUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
