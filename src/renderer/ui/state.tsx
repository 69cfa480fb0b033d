import type { ReactNode } from "react";
import { messageOf } from "../data/error-message.ts";
import { Button } from "./button.tsx";
import { StateMark } from "./mark.tsx";
import styles from "./state.module.css";

/** Nothing here: says what to do next, best with the very command. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={styles.state}>
      <h2 className={styles.title}>{title}</h2>
      {children === undefined ? null : <div className={styles.text}>{children}</div>}
    </section>
  );
}

/** What went wrong, why, and what next. */
export function ErrorState({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  return (
    <section className={styles.state} role="alert">
      <h2 className={styles.title}>
        <StateMark tone="fail" shape="cross">
          {title}
        </StateMark>
      </h2>
      <p className={styles.text}>{messageOf(error)}</p>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </section>
  );
}

const WIDTHS = ["72%", "54%", "81%", "63%", "47%", "76%", "58%", "69%"];

/** The shape of what comes. */
export function Skeleton({ lines = 8 }: { lines?: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => at).map((at) => (
        <div key={at} className={styles.bar} style={{ width: WIDTHS[at % WIDTHS.length] }} />
      ))}
    </div>
  );
}
