import type { IncomingMessage } from "node:http";
import proxyAddr from "@fastify/proxy-addr";
import { clipped } from "../../shared/clipped.ts";

/** Who calls, as an address for people. */
export type CallerAddress = (request: IncomingMessage) => string;

/** Longer than any address; a proxy may pass on what a caller wrote. */
const MOST = 64;

/**
 * The same address for a request that Fastify does not see as `request.ip` has for the others: the other end of the
 * connection or, where that is a trusted proxy, the last address of X-Forwarded-For that is none.
 * @param trustedProxies addresses, ranges or names of ranges
 */
export function callerAddress(trustedProxies: readonly string[]): CallerAddress {
  if (trustedProxies.length === 0) return (request) => request.socket.remoteAddress ?? "unknown";
  const trusted = proxyAddr.compile([...trustedProxies]);
  return (request) => clipped(proxyAddr(request, trusted) ?? "unknown", MOST);
}
