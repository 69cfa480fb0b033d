import styles from "./code-block.module.css";
import { CopyButton } from "./copy.tsx";

/** Text that is meant to be copied. `shown`: what stands on screen instead, where the text holds a secret. */
export function CodeBlock({ text, shown = text, what }: { text: string; shown?: string; what: string }) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={what}>
        {shown}
      </pre>
      <div className={styles.copy}>
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}
