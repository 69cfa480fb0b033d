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
  "admin_key",
];
const SIGNATURE = 'headers["x-kite-signature"]';

/** The log: structured, on standard error (standard output is for what scripts read), without secrets. */
export function createLogger(options: { readonly level: string; readonly format: "json" | "pretty" }): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...paths, SIGNATURE, `*.${SIGNATURE}`], censor: "(secret)" },
  };
  // Synchronous: the lines before a crash are the ones that matter.
  const stderr = pino.destination({ fd: 2, sync: true });
  if (options.format === "json") return pino(settings, stderr);
  return pino(
    settings,
    pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" }),
  );
}
