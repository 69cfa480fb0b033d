import { z } from "zod";
import type { RetryPolicy } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import type { Peer } from "../model.ts";
import { settingsVersion } from "../registry/index.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { NewPeerBody, newPeer, PeerPatchBody, peerUpdate } from "./peer-body.ts";
import { type Api, about, answers, created, type RouteContext } from "./routes.ts";

const TAG = "Peers";

export const PeerObject = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["active", "paused", "revoked"]),
    peer_hook_url: z.string(),
    scopes: z.array(z.string()),
    max_hops: z.int(),
    created_at: z.iso.datetime(),
    no: z.int().describe("The number that stands for the peer in the ids of outbox entries."),
    status_reason: z.string().nullable().describe("Why the hub changed the status by itself."),
    max_bytes: z.int(),
    instance_id: z.string().nullable(),
    instance_id_from: z.enum(["pairing", "health", "chain"]).nullable().describe("How the instance id was learned."),
    batches: z.boolean().describe("The peer has announced that it takes batches."),
    ordered: z.boolean(),
    allow_private: z.boolean(),
    retry: z.object({
      ages_ms: z.array(z.number()),
      jitter: z.number(),
      min_attempts: z.int(),
      max_retry_after_ms: z.number(),
    }),
    environment: z.enum(["production", "staging", "other"]),
    label: z.string().nullable().describe("How the environment is called on screens."),
    colour: z.string().nullable(),
    receive_only: z.boolean().describe("Nothing is sent to this peer."),
    newest_first: z.boolean().describe("A backlog is sent newest first."),
    masks: z.array(z.object({ types: z.string(), path: z.string() })).describe("What this peer does not get to see."),
    stranger_id: z.string().nullable().describe("Another instance answers in this peer's place."),
    revision: z.int().describe("Counts the changes to settings that routing reads."),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: "Peer" });

const PeerParams = z.strictObject({ id: z.uuid() });
/** Other headers are nobody's business here. */
const Precondition = z.looseObject({
  "if-match": z
    .string()
    .optional()
    .describe("The ETag of the peer that was edited: 412 when somebody else has changed its settings since."),
});

/** Peers as everyone may see them: tokens are never shown again. */
export function showPeer(peer: Peer, policy: RetryPolicy): z.infer<typeof PeerObject> {
  return {
    id: peer.id,
    name: peer.name,
    status: peer.status,
    peer_hook_url: peer.hookUrl,
    scopes: [...peer.scopes],
    max_hops: peer.maxHops,
    created_at: peer.createdAt.toISOString(),
    no: peer.no,
    status_reason: peer.statusReason,
    max_bytes: peer.maxBytes,
    instance_id: peer.instanceId,
    instance_id_from: peer.instanceIdFrom,
    batches: peer.batches,
    ordered: peer.ordered,
    allow_private: peer.allowPrivate,
    retry: {
      ages_ms: [...policy.ages],
      jitter: policy.jitter,
      min_attempts: policy.minAttempts,
      max_retry_after_ms: policy.maxRetryAfterMs,
    },
    environment: peer.environment,
    label: peer.label,
    colour: peer.colour,
    receive_only: peer.receiveOnly,
    newest_first: peer.newestFirst,
    masks: peer.masks.map(({ types, path }) => ({ types, path })),
    stranger_id: peer.strangerId,
    revision: peer.revision,
    updated_at: peer.updatedAt.toISOString(),
  };
}

/** `/api/federation/peers` (kite-wire.md 11.5). */
export function peerRoutes(app: Api, { deps, needs }: RouteContext): void {
  const { admin, registry } = deps;
  const show = (peer: Peer): z.infer<typeof PeerObject> => showPeer(peer, deps.retryPolicy(peer));
  const find = (team: string, id: string): Peer => {
    const peer = registry.peerById(id);
    if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return peer;
  };

  app.get(
    "/peers",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "listPeers", "List peers"),
        querystring: TeamQuery,
        response: answers(z.array(PeerObject)),
      },
    },
    async (request) => registry.peersOf(teamOf(request)).map(show),
  );

  app.post(
    "/peers",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "createPeer",
          "Add a peer",
          "The outbound token here is the inbound token there, and the other way round.",
        ),
        querystring: TeamQuery,
        body: NewPeerBody,
        response: created(PeerObject, 409),
      },
    },
    async (request, reply) => {
      const peer = await admin.createPeer(teamOf(request), newPeer(request.body));
      return reply.code(201).header("etag", etagOf(peer)).send(show(peer));
    },
  );

  app.get(
    "/peers/:id",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "getPeer", "Show a peer"),
        params: PeerParams,
        querystring: TeamQuery,
        response: answers(PeerObject, 404),
      },
    },
    async (request, reply) => {
      const peer = find(teamOf(request), request.params.id);
      return reply.header("etag", etagOf(peer)).send(show(peer));
    },
  );

  app.patch(
    "/peers/:id",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "updatePeer",
          "Change a peer",
          "A paused peer keeps queueing and is sent nothing. A revoked one is neither sent nor listened to, and what " +
            "was queued for it is cancelled. What was dropped before is not brought back by a wider scope or a higher " +
            "limit: replay it with the routing of now.",
        ),
        params: PeerParams,
        querystring: TeamQuery,
        body: PeerPatchBody,
        headers: Precondition,
        response: answers(PeerObject, 404, 409, 412),
      },
    },
    async (request, reply) => {
      const team = teamOf(request);
      const peer = find(team, request.params.id);
      const ifVersion = versionIn(request.headers["if-match"]);
      const updated = await admin.updatePeer(team, peer.id, peerUpdate(request.body, peer), ifVersion);
      return reply.header("etag", etagOf(updated)).send(show(updated));
    },
  );

  app.delete(
    "/peers/:id",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "deletePeer", "Remove a peer", "What is queued for it is cancelled; its history stays."),
        params: PeerParams,
        querystring: TeamQuery,
        response: answers(z.object({ cancelled: z.int().describe("How many entries were cancelled.") }), 404),
      },
    },
    async (request) => {
      const team = teamOf(request);
      const { cancelled } = await admin.deletePeer(team, find(team, request.params.id).id);
      return { cancelled };
    },
  );
}

const etagOf = (peer: Peer): string => `"${settingsVersion(peer)}"`;

/** The version that If-Match names; undefined without one, and for `*`, which any version fits (RFC 9110 13.1.1). */
function versionIn(ifMatch: string | undefined): string | undefined {
  const given = ifMatch?.trim();
  return given === undefined || given === "*" ? undefined : given.replace(/^"(.*)"$/, "$1");
}
