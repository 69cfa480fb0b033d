import { EventEmitter } from "node:events";

/** What the system around the app would have been asked for, for tests to look at and to answer. */
export const native = {
  trays: [] as Tray[],
  notifications: [] as Notification[],
  opened: [] as string[],
  dialogs: [] as { options: unknown; answer: (answer: { response: number }) => void }[],
  errorBoxes: [] as { title: string; content: string }[],
  permissions: [] as unknown[],
  /** What safeStorage stands on; a test sets another by the environment. */
  keyring: process.env["KITE_DOUBLE_KEYRING"] ?? "basic_text",
};

interface Template {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly accelerator?: string;
  readonly checked?: boolean;
  readonly enabled?: boolean;
  readonly click?: (item: MenuItem) => void;
  readonly submenu?: readonly Template[];
}

export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly type: string;
  readonly accelerator: string | undefined;
  readonly enabled: boolean;
  readonly submenu: Menu | null;
  checked: boolean;
  readonly #click: ((item: MenuItem) => void) | undefined;

  constructor({ id, label = "", role, type, accelerator, checked = false, enabled = true, click, submenu }: Template) {
    this.id = id;
    this.label = label;
    this.role = role;
    this.type = type ?? (submenu === undefined ? "normal" : "submenu");
    this.accelerator = accelerator;
    this.enabled = enabled;
    this.checked = checked;
    this.submenu = submenu === undefined ? null : Menu.buildFromTemplate(submenu);
    this.#click = click;
  }
  click(): void {
    if (!this.enabled) return;
    if (this.type === "checkbox") this.checked = !this.checked;
    this.#click?.(this);
  }
}

export class Menu {
  static #application: Menu | null = null;
  readonly items: readonly MenuItem[];

  private constructor(items: readonly MenuItem[]) {
    this.items = items;
  }
  static buildFromTemplate(template: readonly Template[]): Menu {
    return new Menu(template.map((item) => new MenuItem(item)));
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
  }
  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu?.getMenuItemById(id) ?? null);
      if (found !== null) return found;
    }
    return null;
  }
}

export class Tray extends EventEmitter {
  toolTip = "";
  title = "";
  menu: Menu | null = null;
  destroyed = false;

  constructor(readonly image: { path: string }) {
    super();
    native.trays.push(this);
  }
  setToolTip(text: string): void {
    this.toolTip = text;
  }
  setTitle(text: string): void {
    this.title = text;
  }
  setContextMenu(menu: Menu): void {
    this.menu = menu;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  constructor(readonly options: { title: string; body: string }) {
    super();
  }
  show(): void {
    native.notifications.push(this);
  }
  close(): void {
    this.emit("close");
  }
}

export const dialog = {
  /** Waits until a test answers it. */
  showMessageBox: (...given: unknown[]) =>
    new Promise<{ response: number }>((answer) => {
      native.dialogs.push({ options: given.at(-1), answer });
    }),
  showErrorBox(title: string, content: string): void {
    native.errorBoxes.push({ title, content });
    process.stderr.write(`${title}: ${content}\n`);
  },
};

export const shell = {
  openExternal: async (url: string): Promise<void> => {
    native.opened.push(url);
  },
};

export const powerMonitor = new EventEmitter();

export const nativeImage = {
  createFromPath: (path: string) => ({ path, setTemplateImage() {}, isEmpty: () => false }),
};

const SEALED = "sealed by the double:";
export const safeStorage = {
  isEncryptionAvailable: (): boolean => native.keyring !== "none",
  getSelectedStorageBackend: (): string => native.keyring,
  encryptString: (plain: string): Buffer => Buffer.from(SEALED + Buffer.from(plain).toString("base64")),
  decryptString(sealed: Buffer): string {
    const text = sealed.toString();
    if (!text.startsWith(SEALED)) throw new Error("Error while decrypting the ciphertext provided to safeStorage.");
    return Buffer.from(text.slice(SEALED.length), "base64").toString();
  },
};

const display = { id: 1, workArea: { x: 0, y: 0, width: 1_600, height: 1_000 } };
export const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
});

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler: unknown): void {
      native.permissions.push(handler);
    },
    setPermissionCheckHandler(handler: unknown): void {
      native.permissions.push(handler);
    },
    setDevicePermissionHandler(handler: unknown): void {
      native.permissions.push(handler);
    },
  },
};
