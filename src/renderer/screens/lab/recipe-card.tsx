import { type LabFile, labTopology, sayExpectation } from "../../../shared/lab/index.ts";
import { Button } from "../../ui/button.tsx";
import { countOf } from "../../ui/time-words.ts";
import styles from "./chooser.module.css";
import { Figure } from "./figure.tsx";
import type { LabInUse } from "./use-lab.ts";

/** A lesson: what it shows, its shape, and what must be true in the end. */
export function RecipeCard({ file, keys, use }: { file: LabFile; keys: string; use: LabInUse }) {
  const { instances } = labTopology(file.topology);
  const [first, ...more] = file.expect;
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <h3 className={styles.title}>{file.name}</h3>
        <Figure topology={file.topology} />
      </div>
      <p className={styles.lesson}>{file.lesson}</p>
      {first === undefined ? null : (
        <p className={styles.expects} title={file.expect.map(sayExpectation).join("\n")}>
          Expects {sayExpectation(first)}
          {more.length === 0 ? "" : `, and ${more.length} more`}
        </p>
      )}
      <div className={styles.row}>
        <Button
          keys={keys}
          disabled={use.starting}
          onClick={() => use.open(file, true)}
          aria-label={`Run ${file.name}`}
        >
          Run
        </Button>
        <Button
          look="quiet"
          disabled={use.starting}
          onClick={() => use.open(file)}
          aria-label={`Start only the hubs of ${file.name}`}
        >
          Start only
        </Button>
        <span className={styles.count}>{countOf(instances.length, "hub")}</span>
      </div>
    </li>
  );
}
