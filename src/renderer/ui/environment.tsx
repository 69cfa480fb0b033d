import type { PeerView } from "../../shared/contract/index.ts";
import styles from "./environment.module.css";

type Marked = Pick<PeerView, "environment" | "label" | "colour">;

const COLOURS: Readonly<Record<Marked["environment"], string>> = {
  production: "var(--fail)",
  staging: "var(--wait)",
  other: "var(--idle)",
};

/** What a peer is to its owner: always a colour and a word. */
export function Environment({ of: { environment, label, colour } }: { of: Marked }) {
  return (
    <span className={styles.environment} data-environment={environment}>
      <span className={styles.swatch} style={{ background: colour ?? COLOURS[environment] }} />
      <span>{label === null || label === "" ? environment : `${label} (${environment})`}</span>
    </span>
  );
}
