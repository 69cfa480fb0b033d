const KEY = "kite.session";

/** The console's token: from the address it was opened with, once, and then from this browser's keeping. */
export function takeSessionToken(location: Location, storage: Storage, history: History): string | null {
  const found = /[#&]token=([0-9a-f]+)/i.exec(location.hash)?.[1];
  if (found === undefined) return storage.getItem(KEY);
  storage.setItem(KEY, found);
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  return found;
}

export const forgetSessionToken = (storage: Storage): void => storage.removeItem(KEY);
