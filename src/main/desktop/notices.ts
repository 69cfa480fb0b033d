import type { Attention } from "../../shared/contract/index.ts";
import { FIRST_SCREEN } from "../../shared/screens.ts";

/** One notification: what it says, and the screen it opens. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly to: string;
}

/** At most one notification in this time, milliseconds; what comes meanwhile is told together. */
export const QUIET_MS = 30_000;
const LISTED = 4;

/**
 * Decides what is worth interrupting somebody for: things that need a hand and were not there before, and errors that
 * have become more. What was there at the start is on the screens, and news to nobody. Storms become one notification.
 */
export class NoticeBook {
  /** The count each thing was last told with; null for what has none. */
  #known: Map<string, number | null> | null = null;
  readonly #waiting = new Map<string, Attention>();
  #quietUntil = 0;

  /** Takes in how things are now. */
  look(attention: readonly Attention[]): void {
    const serious = attention.filter(({ severity }) => severity !== "info");
    const now = new Map(serious.map(({ id, count }) => [id, count]));
    if (this.#known !== null) {
      for (const item of serious) {
        const before = this.#known.get(item.id);
        const isMore = item.severity === "error" && (item.count ?? 0) > (before ?? 0);
        if (before === undefined || isMore) this.#waiting.set(item.id, item);
      }
      // What has been mended while it waited is not worth a word any more.
      for (const id of this.#waiting.keys()) if (!now.has(id)) this.#waiting.delete(id);
    }
    this.#known = now;
  }

  /** The notification that is due, if one is; it counts as shown. @param now milliseconds */
  take(now: number): Notice | null {
    if (this.#waiting.size === 0 || now < this.#quietUntil) return null;
    this.#quietUntil = now + QUIET_MS;
    const items = [...this.#waiting.values()];
    this.#waiting.clear();
    const [first] = items;
    if (first === undefined) return null;
    if (items.length === 1) return { title: first.title, body: first.detail, to: first.to };
    const lines = items.slice(0, LISTED).map(({ title }) => title);
    if (items.length > LISTED) lines.push(`and ${items.length - LISTED} more`);
    return { title: `${items.length} things need a hand`, body: lines.join("\n"), to: FIRST_SCREEN.path };
  }

  /** When to ask again for what waits, milliseconds on the same clock; null when nothing does. */
  get nextAt(): number | null {
    return this.#waiting.size === 0 ? null : this.#quietUntil;
  }
}
