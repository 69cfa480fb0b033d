import { X } from "lucide-react";
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

export function DetailSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  );
}
