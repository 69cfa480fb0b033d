import pino from "pino";
import { expect, test } from "vitest";
import { REDACTION } from "../../src/main/logger.ts";

test("the secrets of links, pairings, logins and the console's session are not written to the log", () => {
  const lines: string[] = [];
  const log = pino({ redact: REDACTION }, { write: (line: string) => void lines.push(line) });
  const secret = "hunter2";
  log.info({ link: { apiKey: secret }, hub: { adminKey: secret }, peer: { inbound_token: secret } });
  log.info({ pairing: { secrets: { privateKey: secret, secret } }, login: { deviceCode: secret } });
  log.info({ req: { headers: { "sec-websocket-protocol": `kite.console, token.${secret}` } } });
  log.info({ headers: { "x-kite-probe-signature": secret, "x-kite-replay-signature": secret } });
  expect(lines).toHaveLength(4);
  expect(lines.join("")).not.toContain(secret);
});
