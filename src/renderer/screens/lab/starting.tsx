import type { LabView } from "../../../shared/contract/index.ts";
import { labTopology } from "../../../shared/lab/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Progress } from "../../ui/progress.tsx";
import { countOf } from "../../ui/time-words.ts";
import styles from "./lab.module.css";
import type { LabInUse } from "./use-lab.ts";

/** A lab on its way, hub by hub; or why it did not come. */
export function Starting({ use, lab }: { use: LabInUse; lab: LabView }) {
  const { instances } = labTopology(lab.file.topology);
  const failed = lab.state === "failed";
  const again = (): void => use.open(lab.file);
  useActions([
    { id: "lab.close", group: "Lab", label: failed ? "Back to all labs" : "Cancel", keys: "X", run: use.close },
    ...(failed ? [{ id: "lab.again", group: "Lab", label: "Start again", keys: "r", run: again }] : []),
  ]);
  return (
    <section className={styles.starting} aria-labelledby="lab-name">
      <h2 id="lab-name" className={styles.name}>
        {lab.file.name}
      </h2>
      {failed ? (
        <div role="alert" className={styles.problem}>
          <StateMark tone="fail" shape="cross">
            The lab did not start
          </StateMark>
          <p>{lab.error}</p>
          <p>Nothing is left running. Start it again, or choose a smaller one.</p>
        </div>
      ) : (
        <Progress label="Hubs that are up" done={lab.hubs.length} total={instances.length} />
      )}
      {failed ? null : (
        <ul className={styles.hubs} aria-label="Hubs">
          {instances.map(({ key }) => {
            const up = lab.hubs.find((hub) => hub.key === key);
            return (
              <li key={key}>
                <b>{key}</b>
                {up === undefined ? (
                  <StateMark tone="wait" shape="clock">
                    Waiting for its database and port
                  </StateMark>
                ) : (
                  <StateMark tone="ok" shape="tick">
                    Up at {up.url.replace("http://", "")}
                  </StateMark>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <div className={styles.row}>
        {failed ? (
          <Button look="primary" keys="r" onClick={again}>
            Start again
          </Button>
        ) : null}
        <Button keys="X" onClick={use.close}>
          {failed ? "Back to all labs" : `Cancel ${countOf(instances.length, "hub")}`}
        </Button>
      </div>
    </section>
  );
}
