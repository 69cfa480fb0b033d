import { z } from "zod";
import { type CreatedEndpoint, type EndpointView, NewEndpoint } from "../access/index.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, answers, created, type RouteContext } from "./routes.ts";

const TAG = "Endpoints";

const EndpointObject = z
  .object({
    id: z.uuid(),
    source: z.string(),
    endpoint: z.string().describe("The path of its URL, without a token."),
    provider: z.string().nullable().describe("Whose signatures are checked, once there is a secret; null for others."),
    active: z.boolean(),
    token_prefix: z.string().describe("The 8 digits of the token that may be shown."),
    webhook_secret_configured: z.boolean(),
    previous_secret_until: z.iso.datetime().nullable().describe("Until when the secret before is accepted as well."),
    created_at: z.iso.datetime(),
    events: z.int().describe("Events accepted so far."),
    last_event: z.object({ seq: z.int(), at: z.iso.datetime() }).nullable(),
    last_failure: z
      .object({ refusal_id: z.uuid(), at: z.iso.datetime(), reason: z.string(), sentence: z.string() })
      .nullable()
      .describe("The newest request that was refused."),
  })
  .meta({ id: "Endpoint" });

const Credentials = z
  .object({
    id: z.uuid(),
    source: z.string(),
    endpoint: z.string(),
    endpoint_with_token: z.string(),
    hook_token: z.string().describe("Shown this once."),
    github_webhook_secret: z.string().optional().describe("For GitHub; shown this once."),
    webhook_secret_configured: z.boolean(),
  })
  .meta({ id: "EndpointCredentials" });

const Params = z.strictObject({ id: z.uuid() });

/** `/api/v1/endpoints`: what `kite endpoints` does, over REST. */
export function endpointRoutes(app: Api, { deps: { endpoints }, needs }: RouteContext): void {
  app.get(
    "/endpoints",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listEndpoints", "List endpoints", "Each with its last event and its last refused request."),
        querystring: TeamQuery,
        response: answers(z.object({ endpoints: z.array(EndpointObject) })),
      },
    },
    async (request) => ({ endpoints: (await endpoints.list(teamOf(request))).map(show) }),
  );

  app.post(
    "/endpoints",
    {
      onRequest: needs("write"),
      schema: {
        ...about(
          TAG,
          "createEndpoint",
          "Create an endpoint",
          "For a source that has one already: gives it new credentials and makes it active again.",
        ),
        querystring: TeamQuery,
        body: NewEndpoint.strict(),
        response: created(Credentials),
      },
    },
    async (request, reply) => {
      const made = await endpoints.create(teamOf(request), request.body);
      return reply.code(201).send(showCredentials(made));
    },
  );

  app.post(
    "/endpoints/:id/rotate-token",
    {
      onRequest: needs("write"),
      schema: {
        ...about(TAG, "rotateToken", "Give an endpoint a new token", "The old one is void at once."),
        params: Params,
        querystring: TeamQuery,
        response: answers(Credentials, 404),
      },
    },
    async (request) => showCredentials(await endpoints.rotateToken(teamOf(request), request.params.id)),
  );

  app.post(
    "/endpoints/:id/rotate-secret",
    {
      onRequest: needs("write"),
      schema: {
        ...about(
          TAG,
          "rotateSecret",
          "Give an endpoint a new webhook secret",
          "The old one is accepted for ten minutes more. Without `webhook_secret`, one is made for GitHub.",
        ),
        params: Params,
        querystring: TeamQuery,
        body: z.strictObject({ webhook_secret: NewEndpoint.shape.webhook_secret }),
        response: answers(z.object({ id: z.uuid(), github_webhook_secret: z.string().optional() }), 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { made } = await endpoints.rotateSecret(teamOf(request), id, request.body.webhook_secret ?? null);
      return { id, ...(made === null ? {} : { github_webhook_secret: made }) };
    },
  );

  app.delete(
    "/endpoints/:id",
    {
      onRequest: needs("write"),
      schema: {
        ...about(TAG, "deactivateEndpoint", "Deactivate an endpoint", "Creating it again makes it active."),
        params: Params,
        querystring: TeamQuery,
        response: answers(z.object({ id: z.uuid(), active: z.boolean() }), 404),
      },
    },
    async (request) => {
      const { id, active } = await endpoints.deactivate(teamOf(request), request.params.id);
      return { id, active };
    },
  );
}

function show(view: EndpointView): z.infer<typeof EndpointObject> {
  const { lastEvent, lastFailure } = view;
  return {
    id: view.id,
    source: view.source,
    endpoint: view.path,
    provider: view.provider,
    active: view.active,
    token_prefix: view.tokenPrefix,
    webhook_secret_configured: view.secretConfigured,
    previous_secret_until: view.previousSecretUntil?.toISOString() ?? null,
    created_at: view.createdAt.toISOString(),
    events: view.events,
    last_event: lastEvent === null ? null : { seq: lastEvent.seq, at: lastEvent.at.toISOString() },
    last_failure:
      lastFailure === null
        ? null
        : {
            refusal_id: lastFailure.refusalId,
            at: lastFailure.at.toISOString(),
            reason: lastFailure.reason,
            sentence: lastFailure.sentence,
          },
  };
}

function showCredentials({ hook, path, token, pathWithToken, githubSecret }: CreatedEndpoint) {
  return {
    id: hook.id,
    source: hook.source,
    endpoint: path,
    endpoint_with_token: pathWithToken,
    hook_token: token,
    ...(githubSecret === null ? {} : { github_webhook_secret: githubSecret }),
    webhook_secret_configured: hook.webhookSecret !== null,
  };
}
