import styles from "./pairing.module.css";

/** The words that both sides show. */
export const Words = ({ words }: { words: string }) => (
  <p className={styles.words}>
    <span className="visually-hidden">The words: </span>
    {words}
  </p>
);
