import type { ReactNode } from "react";
import { Group, Panel, Separator, useDefaultLayout } from "react-resizable-panels";
import styles from "./split-view.module.css";

/** A list and, when there is one, its detail at the side. The widths are remembered under the id. */
export function SplitView({
  id,
  list,
  detail,
  share = 38,
}: {
  id: string;
  list: ReactNode;
  detail: ReactNode | null;
  /** Per cent of the width that the detail has until somebody moves the line. */
  share?: number;
}) {
  const panelIds = detail === null ? ["list"] : ["list", "detail"];
  const layout = useDefaultLayout({ id: `kite.split.${id}`, panelIds, storage: localStorage });
  return (
    <Group className={styles.group} defaultLayout={layout.defaultLayout} onLayoutChanged={layout.onLayoutChanged}>
      <Panel id="list" minSize="30%" className={styles.panel}>
        {list}
      </Panel>
      {detail === null ? null : (
        <>
          <Separator className={styles.line} />
          <Panel id="detail" defaultSize={`${share}%`} minSize="20%" className={styles.panel}>
            {detail}
          </Panel>
        </>
      )}
    </Group>
  );
}
