import { app, Menu, type MenuItemConstructorOptions } from "electron";
import { COMMAND_KEYS, type Command } from "../../shared/desktop/index.ts";
import { MAIN_SCREENS, type ScreenAddress } from "../../shared/screens.ts";

export interface MenuActions {
  /** Shows this screen of the hub that is looked at. */
  screen(path: ScreenAddress): void;
  command(command: Command): void;
  openLink(url: string): void;
  quit(): void;
}

const DOCUMENTATION = "https://github.com/kite-desktop/kite-desktop#readme";

/**
 * The menu names every shortcut of the console. Those of a single letter belong to the page, which knows whether somebody
 * is typing: the menu shows them in its labels, and has accelerators only where a modifier is held.
 */
export function applicationMenu(actions: MenuActions): Menu {
  const command = (label: string, name: Command, accelerator?: string): MenuItemConstructorOptions => ({
    id: `command:${name}`,
    label: COMMAND_KEYS[name] === undefined ? label : `${label}  (${COMMAND_KEYS[name]})`,
    click: () => actions.command(name),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === "darwin" ? [{ role: "appMenu" } as const] : []),
    {
      label: "&File",
      submenu: [
        { id: "settings", label: "Settings…", accelerator: "CmdOrCtrl+,", click: () => actions.screen("settings") },
        { type: "separator" },
        { role: "close", label: "Close Window (the hub keeps running)" },
        { id: "quit", label: "Quit Kite and Stop the Hub", accelerator: "CmdOrCtrl+Q", click: () => actions.quit() },
      ],
    },
    { role: "editMenu" },
    {
      label: "&Go",
      submenu: MAIN_SCREENS.map(({ path, label, keys }, index) => ({
        id: `screen:${path}`,
        label: `${label}  (${keys})`,
        click: () => actions.screen(path),
        ...(index < 9 ? { accelerator: `CmdOrCtrl+${index + 1}` } : {}),
      })),
    },
    {
      label: "&Event",
      submenu: [
        command("Command Palette…", "palette", "CmdOrCtrl+K"),
        command("Filter", "filter", "CmdOrCtrl+F"),
        command("Pause or Resume the Tail", "pause"),
        { type: "separator" },
        command("Retry or Replay…", "retry"),
        command("Explain", "explain"),
        command("Select", "select"),
        command("Copy As…", "copy"),
        command("Back", "back"),
      ],
    },
    {
      label: "&View",
      submenu: [
        command("Dark or Light", "theme"),
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { role: "togglefullscreen" },
        ...(app.isPackaged ? [] : [{ type: "separator" } as const, { role: "toggleDevTools" } as const]),
      ],
    },
    { role: "windowMenu" },
    {
      role: "help",
      submenu: [
        command("Keys", "keys", "CmdOrCtrl+/"),
        { label: "Documentation", click: () => actions.openLink(DOCUMENTATION) },
      ],
    },
  ];
  return Menu.buildFromTemplate(template);
}
