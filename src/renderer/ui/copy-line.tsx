import { CodeBlock } from "./code-block.tsx";
import styles from "./copy-line.module.css";

/** A text to copy under its name. */
export function CopyLine({ label, text, what }: { label: string; text: string; what: string }) {
  return (
    <div className={styles.line}>
      <p className={styles.label}>{label}</p>
      <CodeBlock text={text} what={what} />
    </div>
  );
}
