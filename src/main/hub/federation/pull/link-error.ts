import { type Failure, toFailure } from "../outbound/index.ts";

/** What may be wrong with a pull link, for programs; the sentence is for people. */
export type LinkErrorCode =
  | Failure["kind"]
  | "unauthorized"
  | "expired"
  | "redirect"
  | "not_a_stream"
  | "slow"
  | "replaced"
  | "closed"
  | "store";

/** A pull link cannot go on. The message is one plain sentence, without secrets. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** Will trying again soon not help, because a person has to do something first? */
  get needsPerson(): boolean {
    return ["unauthorized", "expired", "redirect", "not_a_stream", "replaced", "blocked", "tls"].includes(this.code);
  }
}

/** Any error of connecting as a LinkError. */
export function toLinkError(error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  const { kind, sentence } = toFailure(error);
  return new LinkError(kind, sentence);
}

/** An HTTP answer where a WebSocket was asked for. */
export function refusedUpgrade(status: number, location: string | undefined): LinkError {
  if (status >= 300 && status < 400)
    return new LinkError(
      "redirect",
      `The peer redirects its stream${location === undefined ? "" : ` to ${location.slice(0, 200)}`}; redirects are not followed. Correct the stream's URL.`,
    );
  if (status === 401 || status === 403)
    return new LinkError("unauthorized", `The peer refuses the connection (HTTP ${status}).`);
  return new LinkError(
    "not_a_stream",
    `There is no Kite stream at this URL: it answered HTTP ${status} instead of opening a WebSocket. The path is usually /ws.`,
  );
}

/** An error frame of the stream (kite-wire.md 6.2). */
export function refusedByStream(code: number, message: string): LinkError {
  const said = message.slice(0, 300);
  if (code === 4001)
    return new LinkError(
      /expired/i.test(said) ? "expired" : "unauthorized",
      `The peer does not take the API key: ${said}`,
    );
  if (code === 4004) return new LinkError("slow", `The peer cut the stream because it was read too slowly: ${said}`);
  return new LinkError("closed", `The peer ended the stream (${code}): ${said}`);
}
