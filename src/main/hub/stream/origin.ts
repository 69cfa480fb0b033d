/** Names by which a machine calls itself, as in the host of a URL. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

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
  return LOOPBACK.test(page.hostname) || page.host === parse(`${page.protocol}//${host ?? ""}`)?.host;
}

const parse = (url: string): URL | null => (URL.canParse(url) ? new URL(url) : null);

/** Does this Host header name the machine itself? A page that has rebound its own name to it still says that name. */
export function isLoopbackHost(host: string | undefined): boolean {
  const url = host === undefined ? null : parse(`http://${host}`);
  return url !== null && LOOPBACK.test(url.hostname);
}
