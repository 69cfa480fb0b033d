import { FIRST_SCREEN } from "../../shared/screens.ts";
import { readUrl } from "./address.ts";

/** The scheme that other programs link to the app with. */
export const LINK_SCHEME = "kite";

const HUB = /^[\w.-]{1,64}$/;
const LONGEST = 2_048;
/** As it comes from outside; whether it is whole is said by the screen that it is shown on. */
const PAIRING = /^kite:\/\/pair\/[\w-]{1,16384}=*$/;

/**
 * The path of the console that `kite://open/<hub>/<path>` names, such as `/local/event/17?tab=journey`; null when it is
 * no such link. `kite://pair/…` shows what the pairing link says. A link comes from anywhere: what it says is a place to
 * look at, never something to do.
 */
export function readDeepLink(text: string): string | null {
  // Only shown: a person decides about it on the page.
  if (PAIRING.test(text)) return `/local/pairing?way=hub&link=${encodeURIComponent(text)}`;
  if (text.length > LONGEST || !text.startsWith(`${LINK_SCHEME}://`)) return null;
  const url = readUrl(text);
  if (url === null || url.host !== "open") return null;
  const [, hub = "", ...rest] = url.pathname.split("/");
  if (!HUB.test(hub) || rest.some((part) => part === "" || !isText(part))) return null;
  return `/${hub}/${rest.length === 0 ? FIRST_SCREEN.path : rest.join("/")}${url.search}`;
}

/** The first such link among a program's arguments, which is how Windows and Linux hand links over. */
export function linkAmong(argv: readonly string[]): string | null {
  for (const argument of argv) {
    const path = readDeepLink(argument);
    if (path !== null) return path;
  }
  return null;
}

function isText(part: string): boolean {
  try {
    // Characters that could end a line or a string have no place in the name of anything of ours.
    return !/[\p{Cc}"'<>\\]/u.test(decodeURIComponent(part));
  } catch {
    return false;
  }
}
