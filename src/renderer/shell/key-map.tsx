import { Dialog } from "../ui/dialog.tsx";
import { KeyHint } from "../ui/key-hint.tsx";
import styles from "./key-map.module.css";
import { byGroup } from "./keyboard/registry.ts";
import { useAllActions } from "./keyboard/use-actions.ts";

/** All keys that do something here and now. */
export function KeyMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = byGroup(useAllActions().filter(({ keys }) => keys !== undefined));
  return (
    <Dialog open={open} onClose={onClose} title="Keys" width={640}>
      <div className={styles.groups}>
        {groups.map(([group, actions]) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.heading}>{group}</h3>
            <dl>
              {actions.map((action) => (
                <div key={action.id} className={styles.line}>
                  <dt>{action.label}</dt>
                  <dd>
                    <KeyHint keys={action.keys ?? ""} />
                    <span className="visually-hidden">{action.keys}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
