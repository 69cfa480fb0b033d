import type { DesktopBridge } from "../../shared/desktop/bridge.ts";

/** The app's shell around this page; null in a browser. */
export const desktop = (): DesktopBridge | null => (window as Window & { kite?: DesktopBridge }).kite ?? null;
