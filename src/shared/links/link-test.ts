/** The steps of a link test, in their order. `stream` is only of links that are read. */
export const LINK_TEST_STEPS = [
  "dns",
  "tcp",
  "tls",
  "http",
  "authentication",
  "signature",
  "instance",
  "clock",
  "batch",
  "round_trip",
  "stream",
] as const;
export type LinkTestStepName = (typeof LINK_TEST_STEPS)[number];

/** What one step of a link test came to. */
export interface LinkTestStep {
  readonly step: LinkTestStepName;
  /** `warning`: the link works, and somebody should look at this; `skipped`: it could not or need not be tried. */
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  /** Milliseconds. */
  readonly durationMs: number;
  /** One plain sentence. */
  readonly result: string;
  /** What to do about it; null when nothing is to be done. */
  readonly advice: string | null;
}
