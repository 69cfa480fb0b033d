import type { CSSProperties } from "react";
import type { HubRef } from "../../shared/contract/index.ts";

const HUES: Readonly<Record<HubRef["environment"], string>> = {
  local: "var(--text-2)",
  lab: "var(--lab)",
  development: "var(--busy)",
  staging: "var(--wait)",
  production: "var(--fail)",
};

/** The colour of a hub by what it is to its owner, as `--hue`; always beside the word. */
export const hueOf = (environment: HubRef["environment"] | undefined): CSSProperties =>
  ({ "--hue": environment === undefined ? "var(--idle)" : HUES[environment] }) as CSSProperties;
