import { isLoopbackName } from "../loopback.ts";

/**
 * May a page of this origin open a stream? Browsers let any page connect to a hub on the same machine, and always say
 * where the page is from; programs say nothing. Pages of this machine and of the hub's own host may.
 * @param origin the Origin header
 * @param host the Host header
 */
export function isOriginAllowed(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  const page = parse(origin);
  if (page === null || (page.protocol !== "http:" && page.protocol !== "https:")) return false;
  return isLoopbackName(page.hostname) || page.host === parse(`${page.protocol}//${host ?? ""}`)?.host;
}

const parse = (url: string): URL | null => (URL.canParse(url) ? new URL(url) : null);
