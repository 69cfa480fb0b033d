/** What the page's half of the double calls and is called by. */
export const TO_MAIN = "__electronToMain";
export const FROM_MAIN = "__electronFromMain";

interface Port {
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void;
  postMessage(value: unknown): void;
  start(): void;
  close(): void;
}

/**
 * The script that runs in a page before its own: Electron's renderer modules, and in them the preload script, which can
 * require nothing else, as in a sandbox.
 */
export function pageScript(preload: string, argv: readonly string[]): string {
  const process = JSON.stringify({ platform: globalThis.process.platform, argv });
  return `(() => {
    if (window.top !== window) return;
    const __name = (named) => named; // What compilers leave in the text of functions.
    (${install})(${JSON.stringify(TO_MAIN)}, ${JSON.stringify(FROM_MAIN)}, (require, process, module, exports) => {
${preload}
    }, ${process});
  })();`;
}

/** Runs in the page; may use nothing of this module. */
const install = String((toMain: string, fromMain: string, preload: (...given: unknown[]) => void, process: unknown) => {
  // biome-ignore lint/suspicious/noExplicitAny: the page's global object, with what Playwright puts on it.
  const page = globalThis as any;
  const send = (message: object): Promise<unknown> => page[toMain](message);
  const listeners = new Map<string, Set<(event: object, ...values: unknown[]) => void>>();
  const ports = new Map<number, Port>();
  let lastPort = 0;
  page[fromMain] = (messages: readonly { channel?: string; port?: number; value?: unknown; close?: boolean }[]) => {
    for (const { channel, port, value, close } of messages) {
      if (channel !== undefined) for (const listener of listeners.get(channel) ?? []) listener({}, value);
      else if (close === true) ports.get(port ?? 0)?.close();
      else ports.get(port ?? 0)?.postMessage(value);
    }
  };
  const ipcRenderer = {
    on(channel: string, listener: (event: object, ...values: unknown[]) => void) {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
    },
    off: (channel: string, listener: (event: object, ...values: unknown[]) => void) =>
      listeners.get(channel)?.delete(listener),
    send: (channel: string, value: unknown) => void send({ kind: "send", channel, value }),
    async invoke(channel: string, value: unknown) {
      const answer = (await send({ kind: "invoke", channel, value })) as { value?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(`Error invoking remote method '${channel}': ${answer.error}`);
      return answer.value;
    },
    postMessage(channel: string, value: unknown, transfer: readonly Port[] = []) {
      const ids = transfer.map((port) => {
        const id = ++lastPort;
        ports.set(id, port);
        port.addEventListener("message", ({ data }) => void send({ kind: "port", port: id, value: data }));
        port.addEventListener("close", () => void send({ kind: "port-closed", port: id }));
        port.start();
        return id;
      });
      void send({ kind: "post", channel, value, ports: ids });
    },
  };
  const contextBridge = {
    exposeInMainWorld(name: string, api: object) {
      Object.defineProperty(page, name, { value: Object.freeze({ ...api }), enumerable: true });
    },
  };
  const require = (name: string) => {
    if (name !== "electron")
      throw new Error(`module not found: ${name} (a sandboxed preload script has electron only)`);
    return { contextBridge, ipcRenderer };
  };
  const module = { exports: {} };
  preload(require, process, module, module.exports);
});
