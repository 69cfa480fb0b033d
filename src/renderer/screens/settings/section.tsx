import type { ReactNode } from "react";
import styles from "./settings.module.css";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Anything set on one line: what it is at the left, the control at the right. */
export function Setting({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className={styles.setting}>
      <span>
        {label}
        {hint === undefined ? null : <small>{hint}</small>}
      </span>
      {children}
    </div>
  );
}
