import styles from "./key-hint.module.css";

const NAMES: Readonly<Record<string, string>> = {
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
};

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

/** How keys are written: `mod+k` is ⌘K or Ctrl K, `g s` is one after the other. */
export function keyNames(keys: string): string[] {
  return keys
    .split(" ")
    .flatMap((step) => (step === "" ? [" "] : step.split("+")))
    .map((key) => (key === "mod" ? (isMac ? "⌘" : "Ctrl") : (NAMES[key] ?? (key.length === 1 ? key : key))));
}

export function KeyHint({ keys }: { keys: string }) {
  return (
    <span className={styles.keys} aria-hidden="true">
      {keyNames(keys).map((name) => (
        <kbd key={name}>{name}</kbd>
      ))}
    </span>
  );
}
