import type { MessagePortMain } from "electron";
import type { OverviewView } from "../../shared/contract/index.ts";

/** The hub as the shell sees it: what it shows of it, and what it passes on to it. */
export interface Running {
  readonly instanceId: string;
  /** Carries the console of a hub over this port until it closes. */
  connect(hub: string, port: MessagePortMain): void;
  /** What needs a hand, and the totals, as the Overview screen shows them. */
  overview(): Promise<OverviewView>;
  /** Calls back when the overview may have changed. @returns the function that ends it */
  onChange(listener: () => void): () => void;
  /** The machine woke up. */
  resumed(): void;
  /** Drains and stops hub and database. */
  stop(): Promise<void>;
}

export interface StartingOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: string) => void;
  /** The key of the data folder when a keychain keeps it. */
  readonly folderKey: string | null;
}
