import type { AnyRouter } from "@tanstack/react-router";
import { COMMAND_KEYS, type Command, type DesktopBridge } from "../../shared/desktop/bridge.ts";
import { toast } from "../ui/toasts.tsx";
import type { ActionRegistry } from "./keyboard/registry.ts";

/** Does on this page what the app's menu, links, tray and notifications ask for. It lasts as long as the page. */
export function joinApp(bridge: DesktopBridge, router: AnyRouter, actions: ActionRegistry): void {
  bridge.onOpen((path) => {
    const hub = router.history.location.pathname.split("/")[1] || "local";
    router.history.push(path.startsWith("/") ? path : `/${hub}/${path}`);
  });
  bridge.onCommand((command) => {
    const action = actionOf(command, actions);
    if (action === undefined) toast.note(`There is nothing to ${command} here`);
    else action.run();
  });
}

function actionOf(command: Command, actions: ActionRegistry) {
  const keys = COMMAND_KEYS[command];
  return actions.byId(command) ?? actions.all().find((action) => keys !== undefined && action.keys === keys);
}
