import type { ReactNode } from "react";
import { useActions } from "../shell/keyboard/use-actions.ts";
import styles from "./list-screen.module.css";
import { SplitView } from "./split-view.tsx";

/** A screen that is a list: a line of tools over it, and at the side the detail of one of its rows, which Escape closes. */
export function ListScreen({
  id,
  tools,
  list,
  detail,
  onClose,
}: {
  id: string;
  tools: ReactNode;
  list: ReactNode;
  detail: ReactNode | null;
  onClose: () => void;
}) {
  useActions(
    detail === null
      ? []
      : [
          {
            id: `${id}.close`,
            group: "List",
            label: "Close the detail",
            keys: "Escape",
            palette: false,
            run: onClose,
          },
        ],
  );
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
