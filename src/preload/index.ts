import { contextBridge, type IpcRendererEvent, ipcRenderer } from "electron";
import { CHANNELS, type DesktopBridge } from "../shared/desktop/bridge.ts";

/** The part of the page's own world that this script needs, since the project's main types are Node's. */
declare const window: { postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void };

const VERSION = "--kite-version=";
let requests = 0;

/** Calls back for each message of a channel, with its first value and nothing of Electron's. */
function follow<T>(channel: string, callback: (value: T) => void): () => void {
  const listener = (_event: IpcRendererEvent, value: T): void => callback(value);
  ipcRenderer.on(channel, listener);
  return () => {
    ipcRenderer.off(channel, listener);
  };
}

/** What main threw, without the words that Electron puts before it. */
async function sentences<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new Error(String(error).replace(/^.*?Error invoking remote method '[^']*': (?:\w+: )?/, ""));
  }
}

const bridge: DesktopBridge = {
  platform: process.platform,
  version: process.argv.find((argument) => argument.startsWith(VERSION))?.slice(VERSION.length) ?? "",

  connect(hub) {
    const request = ++requests;
    const { port1, port2 } = new MessageChannel();
    // Ports cannot pass the bridge, so main gets its end from here and the page gets its own as a message.
    ipcRenderer.postMessage(CHANNELS.connect, { hub }, [port1] as never);
    window.postMessage({ kite: "port", request }, "*", [port2]);
    return request;
  },

  onOpen(callback) {
    const end = follow(CHANNELS.open, callback);
    ipcRenderer.send(CHANNELS.ready);
    return end;
  },
  onCommand: (callback) => follow(CHANNELS.command, callback),
  onStart(callback) {
    const end = follow(CHANNELS.start, callback);
    ipcRenderer.send(CHANNELS.startNow);
    return end;
  },

  openExternal: (url) => ipcRenderer.invoke(CHANNELS.openExternal, url),
  settings: () => ipcRenderer.invoke(CHANNELS.settings),
  onSettings: (callback) => follow(CHANNELS.settingsNow, callback),
  updateSettings: (change) => sentences(ipcRenderer.invoke(CHANNELS.updateSettings, change)),
};

contextBridge.exposeInMainWorld("kite", bridge);
