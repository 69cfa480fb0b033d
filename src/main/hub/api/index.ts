import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { takeJson } from "../json-body.ts";
import { createGate } from "./access.ts";
import { agentMessageRoutes } from "./agent-messages.ts";
import { attemptRoutes } from "./attempts.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { debuggerRoutes } from "./debugger.ts";
import { decisionRoutes } from "./decisions.ts";
import { endpointRoutes } from "./endpoints.ts";
import { replyNotFound, replyWithError } from "./error-reply.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes } from "./health.ts";
import { keyRoutes } from "./keys.ts";
import { laneRoutes } from "./lanes.ts";
import { linkRoutes } from "./links.ts";
import { metricsRoutes } from "./metrics.ts";
import { notOfferedRoutes } from "./not-offered.ts";
import { registerOpenApi } from "./openapi.ts";
import { outboxRoutes } from "./outbox.ts";
import { pairingRoutes } from "./pairings.ts";
import { PathMethods } from "./path-methods.ts";
import { peerRoutes } from "./peers.ts";
import type { ApiDeps } from "./ports.ts";
import { refusalRoutes } from "./refusals.ts";
import { replayRoutes } from "./replays.ts";
import type { Api } from "./routes.ts";
import { statsRoutes } from "./stats.ts";
import { tokenRoutes } from "./tokens.ts";
import { requestValidator } from "./validation.ts";

export { scheduleOf } from "./entry-object.ts";
export { cursorsOf } from "./paging.ts";
export { NewPeerBody, newPeer, PeerPatchBody, peerUpdate } from "./peer-body.ts";
export type * from "./ports.ts";

const OPEN = [healthRoutes, metricsRoutes];
const FEDERATION = [
  peerRoutes,
  tokenRoutes,
  eventRoutes,
  decisionRoutes,
  outboxRoutes,
  attemptRoutes,
  deadLetterRoutes,
  replayRoutes,
  refusalRoutes,
  statsRoutes,
  laneRoutes,
  debuggerRoutes,
  linkRoutes,
  pairingRoutes,
];

const TEAM = [endpointRoutes, keyRoutes];

/**
 * Puts the REST API on a server, with its documentation at /docs. Also installs the server's one error handler, which
 * turns a HubError thrown by any route into `{error, code}`, and its answer to unknown paths. To be called before other
 * routes are added, so that those of them that have a schema are documented too.
 */
export async function registerApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const methods = new PathMethods(app);
  const notFound = (request: FastifyRequest, reply: FastifyReply) => replyNotFound(methods, request, reply);
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((thrown, request, reply) =>
    // A path that leads nowhere takes no body: whatever is wrong with this one is not what is wrong.
    request.is404 ? notFound(request, reply) : replyWithError(thrown, request, reply),
  );
  await registerOpenApi(app, deps.version);

  const open = createGate(deps.registry, "optional", deps.now);
  const named = createGate(deps.registry, "required", deps.now);
  await group(app, "", (scope) => {
    for (const routes of OPEN) routes(scope, { deps, needs: open });
  });
  await group(app, "/api/federation", (scope) => {
    for (const routes of FEDERATION) routes(scope, { deps, needs: open });
  });
  await group(app, "/api/v1", notOfferedRoutes);
  await group(app, "/api/v1", (scope) => agentMessageRoutes(scope, { deps, needs: named }));
  await group(app, "/api/v1", (scope) => {
    for (const routes of TEAM) routes(scope, { deps, needs: named });
  });
}

/** A scope of its own, whose parsers and compilers concern nobody else. */
async function group(app: FastifyInstance, prefix: string, add: (scope: Api) => void): Promise<void> {
  await app.register(
    (scope, _options, done) => {
      add(asApi(scope));
      done();
    },
    { prefix },
  );
}

/** Our schemas are zod's, and bodies are JSON whatever the server around does with them (hooks want the bytes). */
function asApi(scope: FastifyInstance): Api {
  scope.setValidatorCompiler(requestValidator);
  scope.setSerializerCompiler(serializerCompiler);
  scope.removeAllContentTypeParsers();
  takeJson(scope);
  return scope.withTypeProvider();
}
