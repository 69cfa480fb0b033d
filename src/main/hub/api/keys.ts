import { z } from "zod";
import { PERMISSIONS } from "../../../shared/permissions.ts";
import { type KeyView, NewKey } from "../access/index.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, answers, created, type RouteContext } from "./routes.ts";

const TAG = "API keys";

const KeyObject = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    key_prefix: z.string().describe("The 8 digits of the key that may be shown."),
    permissions: z.array(z.enum(PERMISSIONS)).describe("A higher one includes the lower."),
    scopes: z.array(z.string()).describe("What a stream opened with the key may hear."),
    state: z.enum(["active", "expired", "revoked"]),
    own: z.boolean().describe("True for the keys that the hub made for itself and prints at its start."),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "ApiKey" });

const CreatedKeyObject = KeyObject.extend({ api_key: z.string().describe("Shown this once.") }).meta({
  id: "NewApiKey",
});

/** `/api/v1/keys`: what `kite keys` does, over REST. */
export function keyRoutes(app: Api, { deps: { keys }, needs }: RouteContext): void {
  app.get(
    "/keys",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listKeys", "List API keys", "Oldest first, revoked ones included."),
        querystring: TeamQuery,
        response: answers(z.object({ keys: z.array(KeyObject) })),
      },
    },
    async (request) => ({ keys: keys.list(teamOf(request)).map(show) }),
  );

  app.post(
    "/keys",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "createKey", "Create an API key"),
        querystring: TeamQuery,
        body: NewKey.strict(),
        response: created(CreatedKeyObject),
      },
    },
    async (request, reply) => {
      const { key, token } = await keys.create(teamOf(request), request.body);
      return reply.code(201).send({ ...show(key), api_key: token });
    },
  );

  app.delete(
    "/keys/:id",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "revokeKey", "Revoke an API key", "Streams that were opened with it are closed at once."),
        params: z.strictObject({ id: z.uuid() }),
        querystring: TeamQuery,
        response: answers(KeyObject, 404),
      },
    },
    async (request) => show(await keys.revoke(teamOf(request), request.params.id)),
  );
}

function show(key: KeyView): z.infer<typeof KeyObject> {
  return {
    id: key.id,
    name: key.name,
    key_prefix: key.prefix,
    permissions: [...key.permissions],
    scopes: [...key.scopes],
    state: key.state,
    own: key.own,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
