import { Button } from "./button.tsx";
import styles from "./progress.module.css";
import { countWords } from "./time-words.ts";

/** How far a job is, and a way to stop it. @param counting it is not known yet how much there is */
export function Progress({
  label,
  done,
  total,
  counting = false,
  onCancel,
}: {
  label: string;
  done: number;
  total: number;
  counting?: boolean;
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
        aria-valuenow={counting ? undefined : Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className={styles.bar} style={{ width: `${percent}%` }} />
      </div>
      <span>{counting ? "counting…" : `${countWords(done)} of ${countWords(total)}`}</span>
      {onCancel === undefined ? null : <Button onClick={onCancel}>Cancel</Button>}
    </div>
  );
}
