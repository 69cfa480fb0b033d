const KEY = "kite.session";
const listeners = new Set<() => void>();

type Page = Pick<Window, "location" | "history" | "localStorage" | "addEventListener">;

/**
 * Takes the console's token out of the address that this page was opened with, and every later one: a hub that starts
 * anew has another token, and its URL may be opened in this page or in another of this browser. To be called before the
 * router looks at the address.
 */
export function followSessionToken(page: Page): void {
  takeToken(page);
  page.addEventListener("popstate", () => {
    if (takeToken(page)) tell();
  });
  // Only other pages cause it.
  page.addEventListener("storage", ({ key, newValue }) => {
    if (key === KEY && newValue !== null) tell();
  });
}

/** The newest token that this browser knows. */
export const sessionToken = (storage: Pick<Storage, "getItem">): string | null => storage.getItem(KEY);

/** Calls back when there is another token. @returns the function that ends it */
export function onSessionToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function takeToken({ location, history, localStorage }: Page): boolean {
  const found = /[#&]token=([0-9a-f]+)/i.exec(location.hash)?.[1];
  if (found === undefined) return false;
  localStorage.setItem(KEY, found);
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  return true;
}

function tell(): void {
  for (const listener of listeners) listener();
}
