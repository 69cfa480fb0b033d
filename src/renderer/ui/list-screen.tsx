import type { ReactNode } from "react";
import styles from "./list-screen.module.css";
import { SplitView } from "./split-view.tsx";

/** A screen that is a list: a line of tools over it, and the detail of one of its rows at the side. */
export function ListScreen({
  id,
  tools,
  list,
  detail,
}: {
  id: string;
  tools: ReactNode;
  list: ReactNode;
  detail: ReactNode | null;
}) {
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>{tools}</div>
      <div className={styles.body}>
        <SplitView id={id} list={list} detail={detail} />
      </div>
    </div>
  );
}

/** What the list has, in words, at the left of the tools. */
export const ListSays = ({ children }: { children: ReactNode }) => <p className={styles.says}>{children}</p>;
