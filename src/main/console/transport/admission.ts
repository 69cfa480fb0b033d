import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { bearerToken, type HubInside, isGood, isLoopbackAddress, isLoopbackHost, permits } from "../../hub/index.ts";
import type { Caller } from "../caller.ts";

/** The subprotocol of the console, and the one that carries the session's token beside it. */
export const PROTOCOL = "kite.console";
const TOKEN = /^token\.([0-9a-f]{64})$/;

/** What is known of somebody who knocks. */
export interface Knock {
  readonly headers: IncomingHttpHeaders;
  readonly remote: string | undefined;
}

export interface Refused {
  readonly status: "401 Unauthorized" | "403 Forbidden";
  readonly sentence: string;
  /** True for a page of this hub's own without the token of this start. */
  readonly otherStart?: true;
}

/** Somebody who is let in; with a key, for as long as that is good. */
export interface Admitted {
  readonly caller: Caller;
  readonly keyId: string | null;
}

export interface AdmissionRules {
  readonly registry: Pick<HubInside["registry"], "keyByToken">;
  /** The team of this machine's own console. */
  readonly team: string;
  /** The token of this start; null where the console is not offered to browsers. */
  readonly token: string | null;
  /** Pages of other origins that may use the token: the development server's. */
  readonly origins: readonly string[];
  readonly now: () => number;
}

/**
 * Who may use the console over a socket: a page of this hub's own with the token of this start, or a program with an
 * admin key. A browser tells on every page that tries, so a page never comes in by a key, and only by its own Origin
 * with the token; and a name that was rebound to this machine is known by the Host header.
 */
export function admit({ headers, remote }: Knock, rules: AdmissionRules): Admitted | Refused {
  const key = bearerToken(headers.authorization);
  if (key !== null) return admitKey(key, headers, rules);
  const refusal = refuseStranger({ headers, remote });
  if (refusal !== null) return refusal;
  if (rules.token === null) return unauthorized("This hub is open to consoles with an admin key only.");
  const { origin, host } = headers;
  if (origin === undefined || (origin !== `http://${host}` && !rules.origins.includes(origin)))
    return { status: "403 Forbidden", sentence: "Pages of other origins may not use the console." };
  const offered = (headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((protocol) => TOKEN.exec(protocol.trim())?.[1]);
  const token = offered.find((one) => one !== undefined);
  if (token === undefined)
    return otherStart("This page was opened without a key: open the URL that the hub printed at its start.");
  if (!timingSafeEqual(Buffer.from(token, "hex"), Buffer.from(rules.token, "hex")))
    return otherStart(
      "The hub was started anew since this page was opened, with another key: open the URL that it printed.",
    );
  return { caller: { team: rules.team, local: true }, keyId: null };
}

/** Only programs and pages of this machine, by one of its own names. */
export function refuseStranger({ headers, remote }: Knock): Refused | null {
  if (!isLoopbackAddress(remote))
    return {
      status: "403 Forbidden",
      sentence: "The console is offered on this hub's own machine only; attach with an admin key.",
    };
  if (!isLoopbackHost(headers.host))
    return { status: "403 Forbidden", sentence: "The console is reached as localhost or 127.0.0.1, by no other name." };
  return null;
}

function admitKey(token: string, headers: IncomingHttpHeaders, { registry, now }: AdmissionRules): Admitted | Refused {
  if (headers.origin !== undefined)
    return { status: "403 Forbidden", sentence: "Pages may not use an admin key here." };
  const key = registry.keyByToken(token);
  if (key === undefined || !isGood(key, now()))
    return unauthorized("This key is not known here, was revoked, or has expired.");
  if (!permits(key.permissions, "admin"))
    return { status: "403 Forbidden", sentence: "The console needs a key with the permission admin." };
  return { caller: { team: key.team, local: false }, keyId: key.id };
}

const unauthorized = (sentence: string): Refused => ({ status: "401 Unauthorized", sentence });
const otherStart = (sentence: string): Refused => ({ ...unauthorized(sentence), otherStart: true });
