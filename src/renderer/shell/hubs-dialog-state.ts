import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let open = false;

function set(now: boolean): void {
  open = now;
  for (const listener of listeners) listener();
}

/** Opens the list of hubs, from wherever one of them is at fault. */
export const showHubsDialog = (): void => set(true);
export const closeHubsDialog = (): void => set(false);

export const useHubsDialogOpen = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
