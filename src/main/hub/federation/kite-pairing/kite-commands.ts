import { shellQuote } from "../../../../shared/shell-quote.ts";

/** What has to be run at a real Kite server, by somebody who has its admin key. */
export interface KiteCommands {
  /** What the commands do, one sentence. */
  readonly about: string;
  readonly commands: readonly string[];
}

export interface CommandFacts {
  /** The server's base URL. */
  readonly url: string;
  readonly name: string;
  readonly hookUrl: string;
  /** The token by which the server signs what it sends here. */
  readonly toUs: string;
  /** The token by which this hub signs what it sends there. */
  readonly toThem: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
}

/**
 * The commands that register this hub at a Kite server (kite-wire.md 11.5), for a POSIX shell with `KITE_ADMIN_KEY` set.
 * The tokens are in them: they are for the person at that server alone.
 */
export function kiteCommands(facts: CommandFacts): KiteCommands {
  const body = JSON.stringify({
    name: facts.name,
    peer_hook_url: facts.hookUrl,
    outbound_token: facts.toUs,
    inbound_token: facts.toThem,
    scopes: facts.scopes,
    max_hops: facts.maxHops,
  });
  return {
    about:
      "Run this where the Kite server's admin key is at hand. It registers this hub as a peer there; the link is active once its first signed event has come.",
    commands: [
      [
        `curl -fsS -X POST ${shellQuote(`${facts.url}/api/federation/peers`)}`,
        `  -H "Authorization: Bearer $KITE_ADMIN_KEY"`,
        `  -H 'Content-Type: application/json'`,
        `  -d ${shellQuote(body)}`,
      ].join(" \\\n"),
    ],
  };
}
