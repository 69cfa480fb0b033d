import { Button } from "./button.tsx";
import styles from "./progress.module.css";
import { countWords } from "./time-words.ts";

/** How far a job is, and a way to stop it. */
export function Progress({
  label,
  done,
  total,
  onCancel,
}: {
  label: string;
  done: number;
  total: number;
  onCancel?: (() => void) | undefined;
}) {
  const percent = total === 0 ? 0 : Math.min(100, (done / total) * 100);
  return (
    <div className={styles.progress}>
      <span>{label}</span>
      <div
        className={styles.track}
        role="progressbar"
        aria-label={label}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className={styles.bar} style={{ width: `${percent}%` }} />
      </div>
      <span>
        {countWords(done)} of {countWords(total)}
      </span>
      {onCancel === undefined ? null : <Button onClick={onCancel}>Cancel</Button>}
    </div>
  );
}
