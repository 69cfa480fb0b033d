import type { FastifyBodyParser, FastifyInstance } from "fastify";
import { HubError } from "./errors.ts";

/**
 * Fastify's own parser of JSON, which refuses members that would reach into prototypes, with the reason in words. A body
 * of no bytes is none, whatever the content type promises: the route knows whether it needs one.
 */
export function jsonBody(scope: FastifyInstance): FastifyBodyParser<string> {
  const parse = scope.getDefaultJsonParser("error", "error");
  return (request, body, done) => {
    if (body === "") return done(null, undefined);
    return parse(request, body, (error, value) => {
      if (error === null) done(null, value);
      else done(new HubError("bad_request", `body: ${refusal(body)}.`));
    });
  };
}

function refusal(body: string): string {
  try {
    JSON.parse(body);
    return 'has a member "__proto__" or "constructor", which is not taken';
  } catch (error) {
    return `is not valid JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`;
  }
}
