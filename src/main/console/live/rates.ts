import type { HubInside } from "../../hub/index.ts";

const WINDOW_S = 60;

interface Second {
  readonly at: number;
  delivered: number;
  failed: number;
}

/** What this process delivered to each peer in the last minute, second by second. */
export class DeliveryRates {
  readonly #now: () => number;
  readonly #peers = new Map<number, Second[]>();
  readonly #end: () => void;

  constructor({ news, now }: Pick<HubInside, "news" | "now">) {
    this.#now = now;
    this.#end = news.settled.on((outcomes) => {
      for (const { event, entries } of outcomes) {
        const [first] = entries;
        if (first === undefined) continue;
        if (event === "deliver") this.#second(first.peer).delivered += entries.length;
        else if (event === "retry" || event === "fail") this.#second(first.peer).failed += entries.length;
      }
    });
  }

  lastMinute(peer: number): { readonly delivered: number; readonly failed: number } {
    let [delivered, failed] = [0, 0];
    for (const second of this.#window(peer)) {
      delivered += second.delivered;
      failed += second.failed;
    }
    return { delivered, failed };
  }

  close(): void {
    this.#end();
  }

  #second(peer: number): Second {
    const at = Math.floor(this.#now() / 1_000);
    const window = this.#window(peer);
    let last = window.at(-1);
    if (last?.at !== at) {
      last = { at, delivered: 0, failed: 0 };
      window.push(last);
    }
    return last;
  }

  #window(peer: number): Second[] {
    let window = this.#peers.get(peer);
    if (window === undefined) {
      window = [];
      this.#peers.set(peer, window);
    }
    const oldest = Math.floor(this.#now() / 1_000) - WINDOW_S;
    while (window[0] !== undefined && window[0].at <= oldest) window.shift();
    return window;
  }
}
