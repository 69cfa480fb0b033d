import { Maximize2, X } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { IconButton } from "./button.tsx";
import styles from "./detail.module.css";

/** Which value stands beside which name. What has nothing to say is left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) =>
        value === null || value === undefined ? null : (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

/** One thing of a list, at its side: its name, what can be done with it, and all about it. */
export function Detail({
  label,
  title,
  state,
  actions,
  onClose,
  children,
}: {
  /** For screen readers, such as "Endpoint stripe". */
  label: string;
  title: ReactNode;
  state?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <article className={styles.detail} aria-label={label}>
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        {state}
        <IconButton label="Close" keys="Escape" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      {children}
    </article>
  );
}

/**
 * The head of something that has a screen of its own too: what it is, what is worth knowing at once, and what can be done.
 * `open` and `onClose` are for where it stands beside a list.
 */
export function DetailHead({
  title,
  facts,
  note,
  actions,
  open,
  onClose,
}: {
  title: string;
  facts: ReactNode;
  note?: ReactNode;
  actions: ReactNode;
  open?: { readonly label: string; readonly run: () => void } | undefined;
  onClose?: (() => void) | undefined;
}) {
  return (
    <header className={styles.whole}>
      <div className={styles.line}>
        <h2 className={styles.title} title={title}>
          {title}
        </h2>
        {open === undefined ? null : (
          <IconButton label={open.label} keys="Enter" onClick={open.run}>
            <Maximize2 />
          </IconButton>
        )}
        {onClose === undefined ? null : (
          <IconButton label="Close" keys="Escape" onClick={onClose}>
            <X />
          </IconButton>
        )}
      </div>
      <p className={styles.marks}>{facts}</p>
      {note}
      <div className={styles.actions}>{actions}</div>
    </header>
  );
}

export function DetailSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  );
}
