import type { DesktopSettingsChange, DesktopSettingsView, StartStep } from "./settings.ts";

/**
 * What the app's shell and the page of the console say to each other, besides the contract. In a browser there is no
 * shell, and no `window.kite`.
 */

/** What the menu asks of the page: the action of this id, or else the one that has the command's key there. */
export const COMMANDS = [
  "palette",
  "filter",
  "pause",
  "retry",
  "explain",
  "select",
  "copy",
  "back",
  "keys",
  "theme",
] as const;
export type Command = (typeof COMMANDS)[number];

/** The keys that the page has for them; the menu names them, and only the page hears them. */
export const COMMAND_KEYS: Readonly<Partial<Record<Command, string>>> = {
  filter: "/",
  pause: ".",
  retry: "r",
  explain: "e",
  select: "x",
  copy: "c",
  back: "Escape",
  keys: "?",
};

/** The bridge of the preload script: all that a page of the app can reach of the machine. */
export interface DesktopBridge {
  /** Node's name of the operating system: `darwin`, `linux`, `win32`. */
  readonly platform: string;
  readonly version: string;
  /**
   * Asks for a line to a hub. It arrives as a message of the window, `{ kite: "port", request }` with one port, where
   * `request` is what this call returned.
   */
  connect(hub: string): number;
  /**
   * A menu, a link or a notification wants this path of the console on screen: `/local/outbox`, or `outbox` of the hub
   * that is looked at. @returns the function that ends it
   */
  onOpen(callback: (path: string) => void): () => void;
  onCommand(callback: (command: Command) => void): () => void;
  /** For the splash. The last step is told at once. */
  onStart(callback: (step: StartStep) => void): () => void;
  /** Opens an https address in the person's browser. @returns false when it is refused */
  openExternal(url: string): Promise<boolean>;
  settings(): Promise<DesktopSettingsView>;
  /** They were changed, here or in the tray. @returns the function that ends it */
  onSettings(callback: (settings: DesktopSettingsView) => void): () => void;
  /** @throws Error with a sentence for the person, when the system refuses */
  updateSettings(change: DesktopSettingsChange): Promise<DesktopSettingsView>;
}

/** The channels between preload and main; the names appear nowhere else. */
export const CHANNELS = {
  connect: "console:connect",
  open: "desktop:open",
  command: "desktop:command",
  start: "desktop:start",
  startNow: "desktop:start-now",
  ready: "desktop:ready",
  openExternal: "desktop:open-external",
  settings: "desktop:settings",
  updateSettings: "desktop:update-settings",
  settingsNow: "desktop:settings-now",
} as const;
