import { Menu, nativeImage, Tray } from "electron";
import type { ScreenAddress } from "../../shared/screens.ts";

/** What the tray tells at a glance. */
export interface TrayState {
  readonly instance: string;
  readonly phase: "running" | "trouble" | "stopping";
  readonly owed: number;
  readonly dead: number;
  readonly notifications: boolean;
}

export interface TrayActions {
  /** Shows this screen of this machine's own hub, or what was looked at last. */
  open(path: ScreenAddress | null): void;
  setNotifications(on: boolean): void;
  quit(): void;
}

const WORDS = { running: "running", trouble: "in trouble", stopping: "stopping" } as const;

/** The icon that stays when the window is hidden: the state of the hub, and the two numbers that matter. */
export class KiteTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;
  #shown = "";

  constructor(icon: string, actions: TrayActions) {
    const image = nativeImage.createFromPath(icon);
    // A template image takes the colour of the menu bar.
    if (process.platform === "darwin") image.setTemplateImage(true);
    this.#tray = new Tray(image);
    this.#actions = actions;
    this.#tray.on("click", () => actions.open(null));
  }

  show(state: TrayState): void {
    const shown = JSON.stringify(state);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { instance, phase, owed, dead } = state;
    const actions = this.#actions;
    this.#tray.setToolTip(`Kite is ${WORDS[phase]}: ${owed} owed, ${dead} dead`);
    // Only macOS shows text beside an icon; there only what needs a hand is worth the room.
    if (process.platform === "darwin") this.#tray.setTitle(dead > 0 ? String(dead) : "");
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: "state", label: `${instance} is ${WORDS[phase]}`, enabled: false },
        { id: "owed", label: `${owed} owed to peers`, click: () => actions.open("outbox?state=owed") },
        { id: "dead", label: `${dead} dead letters`, click: () => actions.open("outbox?state=dead") },
        { type: "separator" },
        { id: "open", label: "Open Kite", click: () => actions.open(null) },
        {
          id: "notifications",
          label: "Notifications",
          type: "checkbox",
          checked: state.notifications,
          click: (item) => actions.setNotifications(item.checked),
        },
        { type: "separator" },
        { id: "quit", label: "Quit Kite and Stop the Hub", click: () => actions.quit() },
      ]),
    );
  }

  remove(): void {
    this.#tray.destroy();
  }
}
