import type { ReactNode } from "react";
import styles from "./mark.module.css";

/** The five tones of state. A tone never stands alone: a shape and a word come with it. */
export type Tone = "ok" | "busy" | "wait" | "fail" | "idle";

/** Shapes that differ without colour: a tick, an arrow, a clock, a cross, a stroke through. */
export type Shape = "tick" | "arrow" | "clock" | "cross" | "barred" | "ring" | "dot" | "pause" | "warning";

/** How a state is shown: never by its colour alone. */
export interface Look {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
}

const PATHS: Readonly<Record<Shape, ReactNode>> = {
  tick: <path d="M2.5 6.5 5 9l4.5-6" />,
  arrow: <path d="M2 6h7.5M6.5 3l3 3-3 3" />,
  clock: <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM6 3.7V6l1.6 1" />,
  cross: <path d="m3 3 6 6m0-6L3 9" />,
  barred: <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM2.9 9.1l6.2-6.2" />,
  ring: <path d="M6 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z" />,
  dot: <path d="M6 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z" fill="currentcolor" />,
  pause: <path d="M4.2 2.5v7m3.6-7v7" />,
  warning: <path d="M6 1.8 11 10.4H1L6 1.8ZM6 5v2.2m0 1.3v.3" />,
};

export function ShapeIcon({ shape, label }: { shape: Shape; label?: string }) {
  return (
    <svg
      className={styles.shape}
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentcolor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {PATHS[shape]}
    </svg>
  );
}

/** A state as shape and word. */
export function StateMark({ tone, shape, children }: { tone: Tone; shape: Shape; children: ReactNode }) {
  return (
    <span className={`${styles.mark} ${styles[tone]}`}>
      <ShapeIcon shape={shape} />
      <span>{children}</span>
    </span>
  );
}

/** The same on a ground of its own, for a head line. */
export function Badge({ tone = "idle", shape, children }: { tone?: Tone; shape?: Shape; children: ReactNode }) {
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      {shape === undefined ? null : <ShapeIcon shape={shape} />}
      {children}
    </span>
  );
}

const MOST_DOTS = 5;

/** One dot for each hop, and a ring for this hub. */
export function HopDots({ hops, chain }: { hops: number; chain: readonly string[] }) {
  const way = chain.length === 0 ? "" : `: ${chain.join(" → ")}`;
  const says = hops === 0 ? "Local, no hop" : `${hops} ${hops === 1 ? "hop" : "hops"}${way}`;
  return (
    <span className={styles.hops} role="img" aria-label={says} title={says}>
      {Array.from({ length: Math.min(hops, MOST_DOTS) }, (_, at) => `${at}`).map((at) => (
        <span key={at} className={styles.dot} />
      ))}
      <span className={`${styles.dot} ${styles.here}`} />
      {hops > MOST_DOTS ? <span className={styles.more}>{hops}</span> : null}
    </span>
  );
}
