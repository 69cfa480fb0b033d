import { isIP } from "node:net";
import { z } from "zod";
import { MAX_KEPT_REFUSED_BYTES } from "../../shared/hub-settings.ts";

/** One setting: where it may come from, what it must look like, and what it is for. */
export interface Option {
  readonly flag: string;
  readonly env: string;
  readonly schema: z.ZodType;
  /** The value when nobody sets it, as people read it. */
  readonly fallback: string;
  readonly about: string;
  /** Never printed. */
  readonly secret?: boolean;
  /** The flag may stand alone, and means true then. */
  readonly bare?: boolean;
}

const integer = (min: number, max: number): z.ZodType<number> =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value),
    z
      .number("must be a whole number")
      .int("must be a whole number")
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`),
  );

const flag = z
  .union([z.boolean(), z.enum(["true", "false", "1", "0", "yes", "no"])], "must be true or false")
  .transform((value) => value === true || value === "true" || value === "1" || value === "yes");

const text = z.string("must be text").trim().min(1, "must not be empty");

/** An instance id stands in chains that other hubs read: short, and free of control characters. */
const instanceId = text.regex(/^[\w.:@-]{1,128}$/, "must be 1 to 128 letters, digits or . _ : @ -");

/** A team id stands in URLs. */
const team = text.regex(/^[\w.:@-]{1,128}$/, "must be 1 to 128 letters, digits or . _ : @ -");

/** Names for the addresses that no packet from elsewhere has. */
const PROXY_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

function isProxy(entry: string): boolean {
  if (PROXY_RANGES.has(entry)) return true;
  const [, address = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  return version !== 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128)));
}

const proxies = z
  .string("must be text")
  .transform((list) => list.split(",").map((entry) => entry.trim()))
  .refine(
    (list) => list.every(isProxy),
    "must be the addresses or ranges of your proxies, such as 10.0.0.1,10.1.0.0/16 or loopback, linklocal, uniquelocal",
  );

/** A cipher key short enough to be guessed protects nothing. */
const cipherKey = text.min(32, "must have at least 32 characters");

const databaseUrl = text.regex(/^postgres(ql)?:\/\//, "must begin with postgres:// or postgresql://");

/** Every setting of the hub, by the name it has in the configuration file. */
export const OPTIONS = {
  host: {
    flag: "host",
    env: "KITE_HOST",
    schema: text,
    fallback: "127.0.0.1",
    about: "Address to listen on. Anything but loopback lets others on the network in.",
  },
  port: {
    flag: "port",
    env: "KITE_PORT",
    schema: integer(0, 65_535),
    fallback: "7700",
    about: "Port to listen on; 0 takes a free one.",
  },
  data_dir: {
    flag: "data-dir",
    env: "KITE_DATA_DIR",
    schema: text,
    fallback: "the platform's folder for application data",
    about: "Folder for the database, the key of the stored secrets and the configuration file.",
  },
  database_url: {
    flag: "database-url",
    env: "KITE_DATABASE_URL",
    schema: databaseUrl,
    fallback: "the embedded PostgreSQL",
    about: "An external PostgreSQL instead of the embedded one; several hubs may share it.",
    secret: true,
  },
  instance_id: {
    flag: "instance-id",
    env: "KITE_INSTANCE_ID",
    schema: instanceId,
    fallback: "made at the first start, and kept",
    about: "This instance's id in provenance chains. Must be unique among all instances that federate.",
  },
  team: {
    flag: "team",
    env: "KITE_TEAM",
    schema: team,
    fallback: "local",
    about: "The team whose endpoint and keys are printed at the start; made when missing.",
  },
  public_url: {
    flag: "public-url",
    env: "KITE_PUBLIC_URL",
    schema: z.url({ protocol: /^https?$/, hostname: /./, error: "must be a URL such as https://kite.example.com" }),
    fallback: "http://host:port",
    about: "The URL others reach this hub by, for what is printed.",
  },
  trust_proxy: {
    flag: "trust-proxy",
    env: "KITE_TRUST_PROXY",
    schema: proxies,
    fallback: "none",
    about:
      "Addresses of proxies in front of this hub, with commas between: who calls through them is told apart by their X-Forwarded-For.",
  },
  tls_cert: {
    flag: "tls-cert",
    env: "KITE_TLS_CERT",
    schema: text,
    fallback: "plain HTTP",
    about: "File of the certificate chain (PEM) to serve TLS with; read again when it changes. Needs --tls-key.",
  },
  tls_key: {
    flag: "tls-key",
    env: "KITE_TLS_KEY",
    schema: text,
    fallback: "none",
    about: "File of the certificate's private key (PEM).",
  },
  cipher_key: {
    flag: "cipher-key",
    env: "KITE_HOOK_SECRET_CIPHER_KEY",
    schema: cipherKey,
    fallback: "secret.key in the data folder",
    about: "Key of the secrets at rest, for hubs that share an external database.",
    secret: true,
  },
  team_rate_limit: {
    flag: "team-rate-limit",
    env: "KITE_TEAM_RATE_LIMIT",
    schema: integer(0, 1_000_000),
    fallback: "0",
    about: "Requests a team may post to its endpoints in a second; 0 is no limit.",
  },
  global_rate_limit: {
    flag: "global-rate-limit",
    env: "KITE_GLOBAL_RATE_LIMIT",
    schema: integer(0, 1_000_000),
    fallback: "0",
    about: "Requests all teams together may post in a second; 0 is no limit.",
  },
  retention_days: {
    flag: "retention-days",
    env: "KITE_RETENTION_DAYS",
    schema: integer(1, 3_650),
    fallback: "7",
    about: "Days that events are kept. Events that are still owed to a peer stay longer.",
  },
  retention_mb: {
    flag: "retention-mb",
    env: "KITE_RETENTION_MB",
    schema: integer(0, 100_000_000),
    fallback: "0",
    about: "Megabytes of events that are kept, oldest dropped first; 0 is no limit.",
  },
  dedup_days: {
    flag: "dedup-days",
    env: "KITE_DEDUP_DAYS",
    schema: integer(1, 3_650),
    fallback: "14",
    about: "Days that event ids are remembered, so that a late copy is known as a duplicate.",
  },
  segment_events: {
    flag: "segment-events",
    env: "KITE_SEGMENT_EVENTS",
    schema: integer(100, 10_000_000),
    fallback: "500000",
    about: "Events of a segment of the log, the unit in which retention drops.",
  },
  pool_size: {
    flag: "pool-size",
    env: "KITE_POOL_SIZE",
    schema: integer(2, 100),
    fallback: "8",
    about: "Most connections to PostgreSQL for everything but accepting.",
  },
  require_bearer: {
    flag: "require-bearer",
    env: "KITE_REQUIRE_BEARER",
    schema: flag,
    fallback: "true",
    about: "Peers must present their token as well as a signature; false lets a signature alone do.",
  },
  accept_batches: {
    flag: "accept-batches",
    env: "KITE_ACCEPT_BATCHES",
    schema: flag,
    fallback: "true",
    about: "Announce to peers that they may send events in batches.",
  },
  login_approval: {
    flag: "login-approval",
    env: "KITE_LOGIN_APPROVAL",
    schema: z.enum(["local", "key", "off"], "must be local, key or off"),
    fallback: "local",
    about:
      "Who may approve `kite login`: the person at this machine (elsewhere with an admin key), only somebody with an admin key, nobody.",
  },
  refusal_body_bytes: {
    flag: "refusal-body-bytes",
    env: "KITE_REFUSAL_BODY_BYTES",
    schema: integer(0, MAX_KEPT_REFUSED_BYTES),
    fallback: "0",
    about: "Bytes kept of the body of a refused request, to find out why; 0 keeps none. Anybody can send one.",
  },
  console: {
    flag: "console",
    env: "KITE_CONSOLE",
    schema: flag,
    fallback: "false",
    about: "Serve the console to browsers on this machine; its URL is printed at the start.",
    bare: true,
  },
  log_level: {
    flag: "log-level",
    env: "KITE_LOG_LEVEL",
    schema: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], "must be a pino level such as info"),
    fallback: "info",
    about: "Least severe level that is logged.",
  },
  log_format: {
    flag: "log-format",
    env: "KITE_LOG_FORMAT",
    schema: z.enum(["json", "pretty"], "must be json or pretty"),
    fallback: "pretty in a terminal, json elsewhere",
    about: "Logs for people or for programs; they go to standard error.",
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];
