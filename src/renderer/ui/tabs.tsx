import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import styles from "./tabs.module.css";

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly count?: number;
  readonly body: ReactNode;
}

export function Tabs({
  label,
  tabs,
  value,
  onValue,
}: {
  label: string;
  tabs: readonly Tab[];
  value: string;
  onValue: (id: string) => void;
}) {
  return (
    <Radix.Root className={styles.root} value={value} onValueChange={onValue}>
      <Radix.List className={styles.list} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.id} value={tab.id} className={styles.tab}>
            {tab.label}
            {tab.count === undefined ? null : <span className={styles.count}>{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className={styles.panel}>
          {tab.body}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
