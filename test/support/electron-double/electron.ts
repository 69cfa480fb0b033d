/**
 * Stands in for the module `electron` where its binary cannot be had: the built main, preload and pages run unchanged,
 * windows are pages of a real Chromium, and what is asked of the system is recorded. It proves nothing about context
 * isolation, the sandbox, Electron's own Node, native looks or packaging. Names are exported one by one, so that the use
 * of a missing one fails as the app is loaded.
 */
import "./control.ts";

export { app } from "./app.ts";
export { protocol } from "./chromium.ts";
export { ipcMain } from "./ipc.ts";
export {
  dialog,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  powerMonitor,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} from "./native.ts";
export { BrowserWindow } from "./windows.ts";
