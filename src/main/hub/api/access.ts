import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { Permission } from "../../../shared/permissions.ts";
import { HubError } from "../errors.ts";
import { bearerToken } from "../ingest/index.ts";
import type { ApiKey } from "../model.ts";
import { permits, type RegistryView } from "../registry/index.ts";

/** Makes the hook that lets a request in: by a valid key, with the permission, for the key's own team. */
export type Gate = (needed: Permission) => onRequestAsyncHookHandler;

/**
 * @param team whether requests must name their team (kite-wire.md 2: on /api/v1 they do, on /api/federation the key
 *   says it)
 */
export function createGate(
  registry: Pick<RegistryView, "keyByToken">,
  team: "required" | "optional",
  now: () => number,
): Gate {
  return (needed) => async (request) => {
    const key = authenticate(bearerToken(request.headers.authorization), registry, now());
    checkTeam(key, teamInQuery(request), team);
    if (!permits(key.permissions, needed))
      throw new HubError(
        "forbidden",
        `This needs a key with the permission ${needed}; this one has ${key.permissions.join(", ") || "none"}. ` +
          "Create one with `kite keys create`.",
      );
    callers.set(request, key);
  };
}

const callers = new WeakMap<FastifyRequest, ApiKey>();

/** The team of the key by which a gated request came in. */
export function teamOf(request: FastifyRequest): string {
  const key = callers.get(request);
  if (key === undefined) throw new Error(`the route of ${request.method} ${request.url} has no gate`);
  return key.team;
}

function authenticate(token: string | null, registry: Pick<RegistryView, "keyByToken">, now: number): ApiKey {
  if (token === null)
    throw new HubError("unauthorized", "An API key is missing: send it as Authorization: Bearer <key>.");
  const key = registry.keyByToken(token);
  if (key === undefined) throw new HubError("unauthorized", "This API key is not known here.");
  if (key.revokedAt !== null) throw new HubError("unauthorized", "This API key was revoked. Use another one.");
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now)
    throw new HubError("unauthorized", `This API key expired at ${key.expiresAt.toISOString()}. Use another one.`);
  return key;
}

function checkTeam(key: ApiKey, named: string | null, team: "required" | "optional"): void {
  if (named === null) {
    if (team === "optional") return;
    throw new HubError("bad_request", "query.team_id: is missing; it must be the team that the API key belongs to.");
  }
  if (named !== key.team)
    throw new HubError("forbidden", "query.team_id: is not the team that this API key belongs to.");
}

function teamInQuery(request: FastifyRequest): string | null {
  const { query } = request;
  if (typeof query !== "object" || query === null || !("team_id" in query)) return null;
  const { team_id } = query;
  // Clients put it into the URL as it is: with a plus or a colon in it (kite-wire.md 2), or even twice.
  if (typeof team_id === "string") return team_id;
  throw new HubError("bad_request", "query.team_id: must be given once.");
}
