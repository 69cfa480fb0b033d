import { z } from "zod";

export const WINDOWS = ["1h", "6h", "24h", "7d", "31d"] as const;
export type Window = (typeof WINDOWS)[number];

/** What the address says of the Overview: how far back its rates look. */
export const OverviewSearch = z.object({ window: z.enum(WINDOWS).catch("1h").default("1h") });

/** How far back, and in which steps. */
export const SPANS: Readonly<
  Record<Window, { readonly minutes: number; readonly step: number; readonly word: string }>
> = {
  "1h": { minutes: 60, step: 60, word: "Hour" },
  "6h": { minutes: 360, step: 300, word: "6 hours" },
  "24h": { minutes: 1_440, step: 900, word: "Day" },
  "7d": { minutes: 10_080, step: 7_200, word: "Week" },
  "31d": { minutes: 44_640, step: 43_200, word: "Month" },
};
