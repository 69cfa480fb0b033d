import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

/** Members of log records that may carry a secret, at whatever depth people log requests, peers and errors. */
const SECRETS = [
  "authorization",
  "cookie",
  "token",
  "outboundToken",
  "inboundToken",
  "webhookSecret",
  "previousSecret",
  "secret",
  "password",
  "api_key",
  "apiKey",
  "admin_key",
  "adminKey",
  "hookToken",
  "cipherKey",
  "privateKey",
  "deviceCode",
  "device_code",
  "outbound_token",
  "inbound_token",
  "webhook_secret",
];
/** Headers that carry a signature, or the token of the console's session. */
const HEADERS = ["x-kite-signature", "x-kite-probe-signature", "x-kite-replay-signature", "sec-websocket-protocol"].map(
  (name) => `headers["${name}"]`,
);

/** What is never written, wherever a record holds it. Exported for its test. */
export const REDACTION = {
  paths: [
    ...SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
    ...HEADERS.flatMap((path) => [path, `*.${path}`]),
  ],
  censor: "(secret)",
};

/** The log: structured, on standard error (standard output is for what scripts read), without secrets. */
export function createLogger(options: { readonly level: string; readonly format: "json" | "pretty" }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: REDACTION,
  };
  // Synchronous: the lines before a crash are the ones that matter.
  const stderr = pino.destination({ fd: 2, sync: true });
  if (options.format === "json") return pino(settings, stderr);
  return pino(
    settings,
    pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" }),
  );
}
