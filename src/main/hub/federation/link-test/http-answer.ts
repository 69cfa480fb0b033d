import { z } from "zod";
import { parseJson } from "../../../../shared/parse-json.ts";
import type { Answer } from "../outbound/index.ts";
import { StepFailure } from "./reach.ts";

const PORTAL =
  "Something between here and the peer answers in its place: a captive portal, a sign-in page or a proxy. Open the URL in a browser, sign in to the network, and try again.";

/** Refuses what cannot come from a Kite: no answer, a redirect, a page for people. @throws StepFailure */
export function expectKite(answer: Answer, url: string): void {
  const { failure, status, headers } = answer;
  if (failure !== null) {
    if (failure.kind === "timeout")
      throw new StepFailure(
        "The peer accepted the connection and then did not answer in time.",
        "Look at the peer's log: it is overloaded or hangs. A proxy in front of it may wait for it in vain.",
      );
    if (failure.kind === "protocol")
      throw new StepFailure(`What answers is no HTTP server (${failure.code}).`, "Check the port in the peer's URL.");
    throw new StepFailure(failure.sentence, "Check the peer and the network between.");
  }
  if (status !== null && status >= 300 && status < 400) {
    const { location } = headers;
    const where = typeof location === "string" ? ` to ${location.slice(0, 200)}` : "";
    throw new StepFailure(
      `The peer redirects ${new URL(url).pathname}${where}; redirects are not followed.`,
      "Use the URL it redirects to, if you trust it: a redirect may lead events and tokens elsewhere.",
    );
  }
  if (isPage(answer)) throw new StepFailure("A web page answered instead of a Kite.", PORTAL);
  if (status !== null && status >= 500)
    throw new StepFailure(
      `The peer answers with an error of its own (HTTP ${status}).`,
      "Look at the peer's log; a proxy in front of it may not reach it.",
    );
}

const isPage = ({ headers, body }: Answer): boolean =>
  String(headers["content-type"] ?? "").includes("text/html") || /^\s*<(!doctype|html)/i.test(body);

const Refusal = z.object({ error: z.string().optional(), reason: z.string().optional() });

/** What the peer said of a signed request that held no event. */
export type Verdict = { readonly step: "authentication" | "signature"; readonly failure: StepFailure } | null;

/** Was the request authentic? Null when it was: then the peer only complains that there is no event in it. */
export function authenticity(answer: Answer, team: string): Verdict {
  const { status } = answer;
  const said = Refusal.safeParse(parseJson(answer.body)).data ?? {};
  const words = said.error === undefined ? "" : ` It says: ${said.error.slice(0, 300)}`;
  const authentication = (result: string, advice: string): Verdict => {
    return { step: "authentication", failure: new StepFailure(result + words, advice) };
  };
  if (status === 401 && said.reason === "bad_signature")
    return {
      step: "signature",
      failure: new StepFailure(
        `The peer knows the token, and the signature does not fit the body.${words}`,
        "Something between changes the body (a proxy that rewrites or recompresses), or the two tokens of the link are mixed up: signature and bearer must be the same token.",
      ),
    };
  if (status === 401)
    return authentication(
      "The peer does not know the token.",
      "The outbound token here must be the inbound token of the peer that stands for this instance there. Exchange them again, or pair anew.",
    );
  if (status === 403 && said.reason === "peer_revoked")
    return authentication("The peer has revoked this instance.", "Ask its owner to make the link active again.");
  if (status === 403)
    return authentication("The peer refuses this instance (HTTP 403).", "Its owner has to accept this instance there.");
  if (status === 404 || status === 405)
    return authentication(
      `There is no inbound endpoint at this URL (HTTP ${status}).`,
      `The path must be /hooks/{team}/kite with the peer's own team; it is "${team}" here.`,
    );
  if (status === 429) return authentication("The peer asks for fewer requests (HTTP 429).", "Try again in a minute.");
  return null;
}
