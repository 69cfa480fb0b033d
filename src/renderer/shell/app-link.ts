import type { AnyRouter } from "@tanstack/react-router";
import { COMMAND_KEYS, type Command, type DesktopBridge } from "../../shared/desktop/bridge.ts";
import type { ActionRegistry } from "./keyboard/registry.ts";

/** What the shell registers as long as it is on the page: before it, nothing could do what is asked. */
const SHELL_IS_THERE = "palette";

/**
 * Does on this page what the app's menu, links, tray and notifications ask for. Commands that come before the shell is
 * there wait for it. It lasts as long as the page.
 * @param say tells the person a sentence
 */
export function joinApp(
  bridge: Pick<DesktopBridge, "onOpen" | "onCommand">,
  router: { readonly history: Pick<AnyRouter["history"], "location" | "push"> },
  actions: ActionRegistry,
  say: (sentence: string) => void,
): void {
  const early: Command[] = [];
  const run = (command: Command): void => {
    const keys = COMMAND_KEYS[command];
    const action = actions.byId(command) ?? actions.all().find((each) => keys !== undefined && each.keys === keys);
    if (action === undefined) say(`There is nothing to ${command} here`);
    else action.run();
  };
  const runEarly = (): void => {
    if (actions.byId(SHELL_IS_THERE) === undefined) return;
    for (const command of early.splice(0)) run(command);
  };
  actions.subscribe(runEarly);
  // First, because onOpen tells the app that this page listens, and what has waited there comes at once.
  bridge.onCommand((command) => {
    early.push(command);
    runEarly();
  });
  bridge.onOpen((path) => {
    const hub = router.history.location.pathname.split("/")[1] || "local";
    router.history.push(path.startsWith("/") ? path : `/${hub}/${path}`);
  });
}
