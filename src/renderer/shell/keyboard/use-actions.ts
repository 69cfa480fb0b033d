import { useEffect, useRef, useSyncExternalStore } from "react";
import { type Action, ActionRegistry } from "./registry.ts";

/** The registry of this page. */
export const actions = new ActionRegistry();

/**
 * Registers what can be done as long as the component is there.
 * @param everywhere true for the shell's, which give way to those of any screen
 */
export function useActions(offered: readonly Action[], everywhere = false): void {
  const owner = useRef({});
  useEffect(() => actions.put(owner.current, offered, everywhere));
  useEffect(() => {
    const { current } = owner;
    return () => actions.remove(current);
  }, []);
}

export const useAllActions = (): readonly Action[] => useSyncExternalStore(actions.subscribe, actions.all);

const TYPING = "input, textarea, select, [contenteditable='true']";
const OVERLAY = "[role='dialog'], [role='menu'], [role='listbox']";

/** Hears every key of the page. Who types keeps what is typed; what is open over the page keeps its own keys. */
export function useKeyboard(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      const modified = event.ctrlKey || event.metaKey;
      if (!modified && target?.closest(`${TYPING}, ${OVERLAY}`)) return;
      // Enter and Space on a button or a link are the button's.
      if ((event.key === "Enter" || event.key === " ") && target?.closest("button, a, [role='tab'], summary")) return;
      if (actions.press(event, event.timeStamp)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
