import { type ReactNode, useId } from "react";
import { Switch } from "../../ui/field.tsx";
import styles from "./settings.module.css";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Something that is on or off, at once: what it is at the left, the switch at the right. */
export function SwitchSetting({
  label,
  hint,
  ...how
}: {
  label: string;
  hint: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className={styles.setting}>
      <span>
        {label}
        <small id={id}>{hint}</small>
      </span>
      <Switch label={label} says={id} {...how} />
    </div>
  );
}
