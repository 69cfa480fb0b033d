import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { IconButton } from "./button.tsx";
import { CodeBlock } from "./code-block.tsx";
import styles from "./secret-block.module.css";

const DOTS = "••••••••";

/** A line to copy that holds secrets: dots on screen until somebody asks to see them, the line itself on the clipboard. */
export function SecretBlock({ text, secrets, what }: { text: string; secrets: readonly string[]; what: string }) {
  const [open, setOpen] = useState(false);
  const masked = secrets
    .filter((secret) => secret !== "")
    .reduce((line, secret) => line.replaceAll(secret, DOTS), text);
  return (
    <div className={styles.block}>
      <CodeBlock text={text} shown={open ? text : masked} what={what} />
      <IconButton
        label={open ? `Hide the secret of ${what}` : `Show the secret of ${what}`}
        aria-pressed={open}
        onClick={() => setOpen(!open)}
      >
        {open ? <EyeOff /> : <Eye />}
      </IconButton>
    </div>
  );
}
