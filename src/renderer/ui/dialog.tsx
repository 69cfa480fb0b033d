import { Dialog as Radix } from "radix-ui";
import type { CSSProperties, ReactNode } from "react";
import { useState } from "react";
import { messageOf } from "../data/error-message.ts";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  about?: ReactNode;
  /** Buttons, the one that does it last. */
  actions?: ReactNode;
  width?: number;
  children?: ReactNode;
}

export function Dialog({ open, onClose, title, about, actions, width = 480, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(now) => (now ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className={styles.veil} />
        <Radix.Content
          className={styles.dialog}
          style={{ "--width": `${width}px` } as CSSProperties}
          {...(about === undefined ? { "aria-describedby": undefined } : {})}
        >
          <header className={styles.head}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            {about === undefined ? null : (
              <Radix.Description asChild>
                <div className={styles.about}>{about}</div>
              </Radix.Description>
            )}
          </header>
          {children === undefined ? null : <div className={styles.body}>{children}</div>}
          {actions === undefined ? null : <footer className={styles.foot}>{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * Asks before something that cannot be taken back. The count is named in the title and on the button: "Cancel 12
 * entries". While the count is not known, nothing can be confirmed.
 */
export function ConfirmDialog({
  open,
  onClose,
  title,
  about,
  confirm,
  count,
  look = "danger",
  ready = true,
  onConfirm,
  children = null,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  about?: ReactNode;
  /** What the button says, such as "Cancel 12 entries". */
  confirm: string;
  /** How much it acts on; null as long as it is being counted, undefined where there is nothing to count. */
  count?: number | null;
  /** `primary` for what destroys nothing. */
  look?: "danger" | "primary";
  /** False as long as something is still to be filled in. */
  ready?: boolean;
  onConfirm: () => Promise<unknown>;
  /** What is to be filled in first. */
  children?: ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(messageOf(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      about={about}
      width={420}
      actions={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button look={look} disabled={busy || !ready || count === null || count === 0} onClick={() => void act()}>
            {count === null ? "Counting…" : confirm}
          </Button>
        </>
      }
    >
      {error === null && children === null ? undefined : (
        <>
          {children}
          {error === null ? null : <p role="alert">{error}</p>}
        </>
      )}
    </Dialog>
  );
}
