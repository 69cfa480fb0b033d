/** Why a request got no answer. The kind is counted and compared; the sentence is for people. */
export interface Failure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly sentence: string;
}

export type FailureKind =
  | "dns"
  | "refused"
  | "unreachable"
  | "tls"
  | "timeout"
  | "reset"
  | "blocked"
  | "protocol"
  | "aborted"
  | "other";

/** An address that a peer may not have; the message says which rule forbids it, and how to allow it. */
export class BlockedAddressError extends Error {
  override readonly name = "BlockedAddressError";
  readonly code = "KITE_ADDRESS_REFUSED";
}

/** The peer did not answer within the time it has. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly code = "KITE_DEADLINE";
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  KITE_ADDRESS_REFUSED: "blocked",
  KITE_DEADLINE: "timeout",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_ABORTED: "aborted",
  UND_ERR_DESTROYED: "aborted",
  UND_ERR_CLOSED: "aborted",
  EPROTO: "tls",
  HTTPParserError: "protocol",
};

const SENTENCES: Readonly<Record<FailureKind, string>> = {
  dns: "The peer's name could not be resolved",
  refused: "Nobody listens at the peer's address",
  unreachable: "The peer's network cannot be reached",
  tls: "No secure connection could be made",
  timeout: "The peer did not answer in time",
  reset: "The connection broke before the peer answered",
  blocked: "The peer's address is refused",
  protocol: "The answer was not HTTP",
  aborted: "The request was given up by this hub",
  other: "The request failed",
};

/** Kinds whose cause only the error's own message tells. */
const DETAILED: ReadonlySet<FailureKind> = new Set(["tls", "protocol", "other"]);

/** Turns an error of undici, node:net, node:dns or node:tls into a failure. */
export function toFailure(error: unknown): Failure {
  const code = codeOf(error);
  const kind = KINDS[code] ?? kindByPrefix(code);
  if (kind === "blocked" && error instanceof Error) return { kind, code, sentence: error.message };
  const detail = DETAILED.has(kind) ? messageOf(error) : "";
  return { kind, code, sentence: `${SENTENCES[kind]} (${code}).${detail === "" ? "" : ` ${detail}`}` };
}

/** Codes that a machine sees when its own network is gone; of a single peer they may also tell. */
const NETWORK_CODES = new Set(["ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EAI_AGAIN", "EHOSTUNREACH", "EHOSTDOWN"]);

/** May the cause be our own network rather than the peer? */
export function smellsOffline(failure: Failure): boolean {
  return NETWORK_CODES.has(failure.code);
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "UNKNOWN";
  if ("code" in error && typeof error.code === "string") return error.code;
  // Happy eyeballs: all addresses failed, and the first of them tells as much as any.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if ("cause" in error && error.cause !== undefined) return codeOf(error.cause);
  return error instanceof Error ? error.name : "UNKNOWN";
}

function kindByPrefix(code: string): FailureKind {
  if (code.startsWith("HPE_")) return "protocol";
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/.test(code))
    return "tls";
  return "other";
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");
