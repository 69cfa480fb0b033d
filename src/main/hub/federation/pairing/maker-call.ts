import { z } from "zod";
import { parseJson } from "../../../../shared/parse-json.ts";
import { HubError } from "../../errors.ts";
import { PeerClient, type Resolve } from "../outbound/index.ts";
import { MAX_MESSAGE_BYTES, PROOF_HEADER } from "./messages.ts";
import { isProof, proofOf } from "./secrets.ts";

export interface MakerAddress {
  readonly id: string;
  /** The maker's base URL, as the link says it. */
  readonly url: string;
  readonly secret: string;
  readonly allowPrivate: boolean;
  readonly userAgent: string;
  readonly resolve?: Resolve;
}

const TIMEOUT_MS = 15_000;
const Problem = z.object({ error: z.string() });

/**
 * Sends the maker a message, with the proof that we have the link, and checks that who answers has it too.
 * @throws HubError with a sentence for the person who opened the link
 */
export async function callMaker<T>(
  to: MakerAddress,
  what: "hello" | "reveal" | "settle",
  body: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const url = `${to.url.replace(/\/+$/, "")}/pair/${to.id}/${what}`;
  const { allowPrivate, resolve } = to;
  const client = new PeerClient({
    url,
    allowPrivate,
    timeoutMs: TIMEOUT_MS,
    connections: 1,
    ...(resolve === undefined ? {} : { resolve }),
  });
  const headers = ["content-type", "application/json", "user-agent", to.userAgent];
  headers.push(PROOF_HEADER, proofOf(to.secret, `${what} ${to.id}`, body));
  try {
    const answer = await client.post(headers, Buffer.from(body), MAX_MESSAGE_BYTES);
    if (answer.failure !== null)
      throw new HubError(
        "unreachable",
        `The hub that made the link is not reached at ${to.url}. ${answer.failure.sentence}`,
      );
    const { status } = answer;
    if (status !== 200) {
      const said = Problem.safeParse(parseJson(answer.body)).data?.error.slice(0, 400);
      if (status !== null && status >= 300 && status < 400)
        throw new HubError(
          "unreachable",
          "The maker's address redirects; redirects are not followed. Ask for a link with its own address.",
        );
      if (status === 429)
        throw new HubError(
          "rate_limited",
          `The maker of the link is asked too often now. ${said ?? "Try again in a moment."}`,
        );
      const code = status === 404 ? "not_found" : "conflict";
      throw new HubError(code, said ?? `What answers at ${to.url} is not the hub that made the link (HTTP ${status}).`);
    }
    const proof = answer.headers[PROOF_HEADER];
    if (!isProof(to.secret, `answer ${what} ${to.id}`, answer.body, typeof proof === "string" ? proof : null))
      throw new HubError(
        "conflict",
        `What answers at ${to.url} does not know the link: it is not the hub that made it.`,
      );
    const read = schema.safeParse(parseJson(answer.body));
    if (!read.success) throw new HubError("conflict", "The maker's answer cannot be read: it may run another version.");
    return read.data;
  } finally {
    await client.destroy();
  }
}
