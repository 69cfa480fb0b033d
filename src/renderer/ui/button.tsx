import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import styles from "./button.module.css";
import { KeyHint } from "./key-hint.tsx";
import { Tooltip } from "./tooltip.tsx";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "plain" | "primary" | "danger" | "quiet";
  /** Keys that do the same, shown after the label. */
  keys?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "plain", keys, className = "", children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={`${styles.button} ${styles[look] ?? ""} ${className}`}>
      {children}
      {keys === undefined ? null : <KeyHint keys={keys} />}
    </button>
  );
}

/** A button that is an icon; its label is its name and its tooltip. */
export function IconButton({
  label,
  keys,
  look = "quiet",
  className = "",
  children,
  ...rest
}: ButtonProps & { label: string; children: ReactNode }) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={`${styles.button} ${styles[look] ?? ""} ${styles.icon} ${className}`}
      >
        {children}
      </button>
    </Tooltip>
  );
}
