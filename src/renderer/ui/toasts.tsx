import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useSyncExternalStore } from "react";
import { Button, IconButton } from "./button.tsx";
import { StateMark } from "./mark.tsx";
import styles from "./toasts.module.css";

interface Message {
  readonly id: number;
  readonly tone: "ok" | "fail" | "idle";
  readonly title: string;
  readonly about?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** Called when it is gone and the action was not taken. */
  readonly onGone?: () => void;
  readonly duration: number;
}

let messages: readonly Message[] = [];
let count = 0;
const listeners = new Set<() => void>();

function set(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

function add(message: Omit<Message, "id">): void {
  count += 1;
  set([...messages.slice(-3), { ...message, id: count }]);
}

const UNDO_TIME = 6_000;

export const toast = {
  done: (title: string, about?: string) =>
    add({ tone: "ok", title, ...(about === undefined ? {} : { about }), duration: 4_000 }),
  failed: (title: string, about?: string) =>
    add({ tone: "fail", title, ...(about === undefined ? {} : { about }), duration: 10_000 }),
  /** Says that something was done, and offers to set it back. */
  undo: (title: string, undo: () => void) =>
    add({ tone: "ok", title, action: { label: "Undo", run: undo }, duration: UNDO_TIME }),
  note: (title: string) => add({ tone: "idle", title, duration: 4_000 }),
  /**
   * Says that something will be done, and does it when the time to undo has passed.
   * @param title names the count: "12 entries will be cancelled"
   */
  undoable(title: string, act: () => void, undone: () => void = () => {}): void {
    let settled = false;
    const once = (run: () => void): void => {
      if (settled) return;
      settled = true;
      run();
    };
    add({
      tone: "idle",
      title,
      action: { label: "Undo", run: () => once(undone) },
      onGone: () => once(act),
      duration: UNDO_TIME,
    });
  },
};

/** The ref of something at the foot of the window that notices stand above, as long as it is there. */
export function keepClear(foot: HTMLElement | null): (() => void) | undefined {
  if (foot === null) return undefined;
  const { style } = document.documentElement;
  const sizes = new ResizeObserver(() => style.setProperty("--foot", `${foot.offsetHeight}px`));
  sizes.observe(foot);
  return () => {
    sizes.disconnect();
    style.removeProperty("--foot");
  };
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => messages,
  );
  return (
    <Toast.Provider label="Notice">
      {shown.map((message) => (
        <Toast.Root
          key={message.id}
          className={styles.toast}
          duration={message.duration}
          onOpenChange={(open) => {
            if (open) return;
            set(messages.filter(({ id }) => id !== message.id));
            message.onGone?.();
          }}
        >
          <div className={styles.text}>
            <Toast.Title>
              {message.tone === "idle" ? (
                message.title
              ) : (
                <StateMark tone={message.tone} shape={message.tone === "ok" ? "tick" : "cross"}>
                  {message.title}
                </StateMark>
              )}
            </Toast.Title>
            {message.about === undefined ? null : (
              <Toast.Description className={styles.about}>{message.about}</Toast.Description>
            )}
          </div>
          {message.action === undefined ? null : (
            <Toast.Action asChild altText={message.action.label}>
              <Button onClick={message.action.run}>{message.action.label}</Button>
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <IconButton label="Dismiss">
              <X />
            </IconButton>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className={styles.view} />
    </Toast.Provider>
  );
}
