import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type MessagePortMain, shell } from "electron";
import { z } from "zod";
import { CHANNELS, DesktopSettingsChange, type DesktopSettingsView } from "../../shared/desktop/index.ts";
import { isOwnPage } from "./app-scheme.ts";
import { externalUrl } from "./security.ts";

/** What the pages of the app may ask of the shell. */
export interface BridgeHandlers {
  /** A page wants a line to a hub. The port is the page's other end. */
  connect(hub: string, port: MessagePortMain): void;
  /** A page of the console is ready to be told where to go. */
  ready(sender: Electron.WebContents): void;
  /** The splash asks how far the start is. */
  startNow(sender: Electron.WebContents): void;
  settings(): DesktopSettingsView;
  updateSettings(change: DesktopSettingsChange): Promise<DesktopSettingsView>;
}

const Connect = z.object({ hub: z.string().min(1).max(128) });

/**
 * Answers the preload script. Each message is taken from the main frame of one of our own pages only, and read before it
 * is used.
 */
export function answerBridge(
  handlers: BridgeHandlers,
  devServer: string | null,
  onRefused: (what: string) => void,
): void {
  const isOurs = ({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    senderFrame !== null && senderFrame.parent === null && isOwnPage(senderFrame.url, devServer);

  const take = (channel: string, then: (event: IpcMainEvent, input: unknown) => void): void => {
    ipcMain.on(channel, (event, input: unknown) => {
      if (isOurs(event)) then(event, input);
      else onRefused(channel);
    });
  };
  const reply = <T>(channel: string, then: (input: unknown) => T | Promise<T>): void => {
    ipcMain.handle(channel, (event, input: unknown) => {
      if (isOurs(event)) return then(input);
      onRefused(channel);
      throw new Error("Only the app's own pages may ask that.");
    });
  };

  take(CHANNELS.connect, (event, input) => {
    const [port] = event.ports;
    const asked = Connect.safeParse(input);
    if (port !== undefined && asked.success) handlers.connect(asked.data.hub, port);
    else port?.close();
  });
  take(CHANNELS.ready, (event) => handlers.ready(event.sender));
  take(CHANNELS.startNow, (event) => handlers.startNow(event.sender));
  reply(CHANNELS.openExternal, async (input) => {
    const url = externalUrl(input);
    if (url === null) return false;
    await shell.openExternal(url);
    return true;
  });
  reply(CHANNELS.settings, () => handlers.settings());
  reply(CHANNELS.updateSettings, (input) => handlers.updateSettings(DesktopSettingsChange.parse(input)));
}
