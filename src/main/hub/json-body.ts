import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { HubError } from "./errors.ts";

/**
 * Makes a scope take JSON, by Fastify's own parser, which refuses members that would reach into prototypes; whatever is
 * refused is, with the reason in words. A body of no bytes is none, whatever the content type promises: the route knows
 * whether it needs one.
 */
export function takeJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    // Read as text it would become another text, with a mark for each byte that is none.
    if (!isUtf8(body)) return done(refused("is not valid UTF-8: send it as such, and not compressed"));
    const text = body.toString("utf8");
    return parse(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(refused(problemOf(text)));
    });
  });
}

const refused = (problem: string): HubError => new HubError("bad_request", `body: ${problem}.`);

function problemOf(body: string): string {
  try {
    JSON.parse(body);
    return 'has a member "__proto__" or "constructor", which is not taken';
  } catch (error) {
    return `is not valid JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`;
  }
}
