import { z } from "zod";
import { HubError } from "../errors.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import type { FederationToken } from "./ports.ts";
import { type Api, about, answers, created, type RouteContext } from "./routes.ts";

const TAG = "Tokens";

const TokenObject = z
  .object({ id: z.uuid(), label: z.string(), created_at: z.iso.datetime() })
  .meta({ id: "FederationToken" });

const NewToken = TokenObject.extend({ token: z.string().describe("Shown this once.") }).meta({
  id: "NewFederationToken",
});

const show = (token: FederationToken): z.infer<typeof TokenObject> => ({
  id: token.id,
  label: token.label,
  created_at: token.created_at.toISOString(),
});

/** `/api/federation/tokens` (kite-wire.md 11.6). */
export function tokenRoutes(app: Api, { deps: { admin }, needs }: RouteContext): void {
  app.get(
    "/tokens",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "listTokens",
          "List federation tokens",
          "Only their labels: a token is shown once, when it is made.",
        ),
        querystring: TeamQuery,
        response: answers(z.array(TokenObject)),
      },
    },
    async (request) => (await admin.listFederationTokens(teamOf(request))).map(show),
  );

  app.post(
    "/tokens",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "createToken",
          "Make a federation token",
          "A random token to be set as the inbound token of a peer here, and as the outbound token there.",
        ),
        querystring: TeamQuery,
        body: z.strictObject({ label: z.string().trim().min(1).max(200) }),
        response: created(NewToken),
      },
    },
    async (request, reply) => {
      const made = await admin.createFederationToken(teamOf(request), request.body.label);
      return reply.code(201).send({ ...show(made), token: made.token });
    },
  );

  app.delete(
    "/tokens/:id",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "deleteToken",
          "Remove a federation token from the list",
          "A peer that uses it goes on working until its tokens are changed.",
        ),
        params: z.strictObject({ id: z.uuid() }),
        querystring: TeamQuery,
        response: answers(z.object({ id: z.uuid() }), 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      if (await admin.deleteFederationToken(teamOf(request), id)) return { id };
      throw new HubError("not_found", `There is no federation token with id ${id}.`);
    },
  );
}
