import { LINK_SCHEME } from "./deep-link.ts";

/** Switches of Chromium and of debuggers, which are no business of ours. */
const FOREIGN =
  /^--?(no-sandbox|disable-|enable-|inspect|remote-debugging|force-|ozone-|use-|gtk-|js-flags|allow-|original-process|psn_|squirrel-|user-data-dir|proxy-|lang|trace-|require|r$)/;

/**
 * What of a process's arguments is meant for us. Without a package, the first that is no switch is the app's own path.
 * @param argv as the process got it, the program first
 */
export function ownArguments(argv: readonly string[], isPackaged: boolean): string[] {
  let rest = argv.slice(1);
  if (!isPackaged) {
    const path = rest.findIndex((argument) => !argument.startsWith("-"));
    rest = path < 0 ? [] : rest.slice(path + 1);
  }
  return rest.filter((argument) => !FOREIGN.test(argument) && !argument.startsWith(`${LINK_SCHEME}://`));
}
