/** Names by which a machine calls itself, as in the host of a URL. */
const NAME = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
const ADDRESS = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/;

/** Is this host name of a URL one by which a machine calls itself? */
export function isLoopbackName(hostname: string): boolean {
  return NAME.test(hostname);
}

/** Does this Host header name the machine itself? A page that has rebound its own name to it still says that name. */
export function isLoopbackHost(host: string | undefined): boolean {
  const url = `http://${host ?? ""}`;
  return URL.canParse(url) && isLoopbackName(new URL(url).hostname);
}

/** Is the other end of a connection on this machine? */
export function isLoopbackAddress(address: string | undefined): boolean {
  return ADDRESS.test(address ?? "");
}
