import styles from "./new-rows.module.css";
import { countWords } from "./time-words.ts";

/** Over a list that was moved: how many rows wait above it, and the way to them. */
export function NewRows({ count, onShow }: { count: number; onShow: () => void }) {
  return count > 0 ? (
    <button type="button" className={styles.pill} onClick={onShow}>
      {countWords(count)} new
    </button>
  ) : null;
}
