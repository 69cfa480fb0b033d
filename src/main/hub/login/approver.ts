import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackAddress, isLoopbackHost } from "../loopback.ts";
import { isGood, permits, type RegistryView } from "../registry/index.ts";

/** Headers by which proxies and tunnels say that somebody else is behind a connection. */
const FORWARDED = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "tailscale-user-login",
] as const;

interface Caller {
  /** The other end of the connection. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Does this request come from a browser on this very machine, with nothing in between? The connection must be from a
 * loopback address, the URL must have named one (a page that had its name resolve to this machine has another), and no
 * proxy may have said that it forwards for somebody.
 */
export function isAtTheMachine({ address, headers }: Caller): boolean {
  return (
    isLoopbackAddress(address) && isLoopbackHost(headers.host) && FORWARDED.every((name) => headers[name] === undefined)
  );
}

/** Was a form of our own page sent? Browsers say which page a POST is from, and no other page may approve anything. */
export function isOwnForm(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (origin === undefined || host === undefined || (site !== undefined && site !== "same-origin")) return false;
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Is this a key that may hand out keys of the team? */
export function isAdminKey(
  token: string,
  team: string,
  registry: Pick<RegistryView, "keyByToken">,
  now: number,
): boolean {
  const key = registry.keyByToken(token.trim());
  return key !== undefined && key.team === team && isGood(key, now) && permits(key.permissions, "admin");
}
