import { spawn } from "node:child_process";

/** Opens an address of ours in the person's browser, as far as that can be done; its URL stands in the terminal as well. */
export function openBrowser(url: string): void {
  const [program, ...args] = commandFor(process.platform, url);
  const child = spawn(program, args, { stdio: "ignore", detached: true, windowsHide: true });
  child.once("error", () => undefined);
  child.unref();
}

/** Exported for its test. */
export function commandFor(platform: NodeJS.Platform, url: string): [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  // Not `start`, which is a word of the shell and would read an `&` in the address.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}
