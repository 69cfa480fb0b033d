import { z } from "zod";
import { LINK_DIRECTIONS, LINK_STATES, LINK_TEST_STEPS } from "../../../shared/links/index.ts";
import { invalidScope } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import type { LinkReport } from "../links.ts";
import type { Peer } from "../model.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Links";
const time = z.iso.datetime().nullable();
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const DirectionObject = z.object({
  direction: z.enum(LINK_DIRECTIONS),
  state: z.enum(LINK_STATES),
  why: z.string().describe("The reason for the state, as a sentence."),
  last_success_at: time,
  last_failure_at: time,
  last_failure: z.string().nullable(),
  failing_since: time,
  breaker: z.enum(["closed", "open", "half_open"]).nullable(),
  backlog: z.int().nullable().describe("push_out: entries owed. pull: seqs of the peer's log that are still to come."),
  clock_offset_ms: z.int().nullable().describe("By how much the peer's clock is ahead of this one."),
  availability: z.number().nullable().describe("Over the last day, 0 to 1; null when the link was not used."),
});

const PullObject = z.object({
  stream_url: z.string(),
  remote_team: z.string(),
  scopes: z.array(z.string()),
  max_hops: z.int(),
  max_bytes: z.int(),
  status: z.enum(["active", "paused"]),
  status_reason: z.string().nullable(),
  cursor: z.int().nullable().describe("Everything up to this seq of the peer's log is here."),
  remote_seq: z.int().nullable().describe("The newest seq the peer has told of."),
  phase: z.enum(["connecting", "reading", "waiting", "stopped"]).nullable().describe("Null: another process reads it."),
  error: z.object({ code: z.string(), sentence: z.string() }).nullable(),
  retry_at: time,
  confirmed: z.boolean().describe("False: what is read stays here until the peer's instance id is confirmed."),
  gaps: z.array(
    z.object({
      at: z.iso.datetime(),
      from_seq: z.int(),
      to_seq: z.int().nullable(),
      reason: z.enum(["cursor_expired", "not_resumed", "log_replaced"]),
    }),
  ),
});

const LinkObject = z
  .object({
    peer_id: z.uuid(),
    peer_name: z.string(),
    state: z.enum(LINK_STATES),
    instance_id: z.string().nullable(),
    stranger_id: z.string().nullable().describe("Another instance answers in the peer's place, and is to be accepted."),
    environment: z.enum(["production", "staging", "other"]),
    directions: z.array(DirectionObject),
    pull: PullObject.nullable(),
  })
  .meta({ id: "Link" });

const TestObject = z
  .object({
    ok: z.boolean(),
    steps: z.array(
      z.object({
        step: z.enum(LINK_TEST_STEPS),
        outcome: z.enum(["ok", "warning", "failed", "skipped"]),
        duration_ms: z.number(),
        result: z.string(),
        advice: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "LinkTest" });

const scope = z.string().refine((text) => invalidScope(text) === null, "must be a glob on the event type");
const PullBody = z.strictObject({
  stream_url: z.string().max(2_048).describe("Where the peer's stream is, such as wss://b.example.com/ws."),
  remote_team: z.string().min(1).max(256).describe("The peer's team, to which the key belongs."),
  api_key: z.string().min(1).max(1_024).describe("A key of the peer's with the permission read."),
  scopes: z.array(scope).max(1_000).optional(),
  max_hops: z.int().min(1).max(64).optional(),
  max_bytes: z.int().min(1).max(2_147_483_647).optional(),
});

const PeerParams = z.strictObject({ id: z.uuid() });
const HOUR_MS = 3_600_000;

/** A peer's link as everyone may see it. */
export function showLink({ peer, state, directions, pull }: LinkReport): z.infer<typeof LinkObject> {
  return {
    peer_id: peer.id,
    peer_name: peer.name,
    state,
    instance_id: peer.instanceId,
    stranger_id: peer.strangerId,
    environment: peer.environment,
    directions: directions.map((each) => ({
      direction: each.direction,
      state: each.state,
      why: each.why,
      last_success_at: iso(each.lastSuccessAt),
      last_failure_at: iso(each.lastFailureAt),
      last_failure: each.lastFailure,
      failing_since: iso(each.failingSince),
      breaker: each.breaker,
      backlog: each.backlog,
      clock_offset_ms: each.clockOffsetMs,
      availability: each.availability,
    })),
    pull:
      pull === null
        ? null
        : {
            stream_url: pull.streamUrl,
            remote_team: pull.remoteTeam,
            scopes: [...pull.scopes],
            max_hops: pull.maxHops,
            max_bytes: pull.maxBytes,
            status: pull.status,
            status_reason: pull.statusReason,
            cursor: pull.cursor,
            remote_seq: pull.remoteSeq,
            phase: pull.running?.phase ?? null,
            error: pull.running?.error ?? null,
            retry_at: iso(pull.running?.retryAt ?? null),
            confirmed: pull.confirmed,
            gaps: pull.gaps.map(({ at, fromSeq, toSeq, reason }) => ({
              at: at.toISOString(),
              from_seq: fromSeq,
              to_seq: toSeq,
              reason,
            })),
          },
  };
}

/** `/api/federation/links` and what belongs to the link of one peer. */
export function linkRoutes(app: Api, { deps, needs }: RouteContext): void {
  const { links, registry, admin } = deps;
  const find = (team: string, id: string): Peer => {
    const peer = registry.peerById(id);
    if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return peer;
  };
  const linkOf = async (team: string, id: string): Promise<z.infer<typeof LinkObject>> => {
    const report = (await links.reports.list(team)).find(({ peer }) => peer.id === id);
    if (report === undefined) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return showLink(report);
  };
  const onPeer = { onRequest: needs("admin") };
  const schema = (operation: string, summary: string, description?: string) => ({
    ...about(TAG, operation, summary, description),
    params: PeerParams,
    querystring: TeamQuery,
    response: answers(LinkObject, 404),
  });

  app.get(
    "/links",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          TAG,
          "listLinks",
          "Show how every link is",
          "Each direction by itself: what we push, what is pushed to us, what we read.",
        ),
        querystring: TeamQuery,
        response: answers(z.array(LinkObject)),
      },
    },
    async (request) => (await links.reports.list(teamOf(request))).map(showLink),
  );

  app.put(
    "/peers/:id/pull",
    {
      ...onPeer,
      schema: {
        ...schema(
          "putPullLink",
          "Read a peer over its stream",
          "For a peer that cannot reach this hub, such as staging behind which a laptop sits.",
        ),
        body: PullBody,
      },
    },
    async (request) => {
      const team = teamOf(request);
      const { stream_url, remote_team, api_key, scopes, max_hops, max_bytes } = request.body;
      await links.pulls.put(find(team, request.params.id), {
        streamUrl: stream_url,
        remoteTeam: remote_team,
        apiKey: api_key,
        ...(scopes === undefined ? {} : { scopes }),
        ...(max_hops === undefined ? {} : { maxHops: max_hops }),
        ...(max_bytes === undefined ? {} : { maxBytes: max_bytes }),
      });
      return linkOf(team, request.params.id);
    },
  );

  app.patch(
    "/peers/:id/pull",
    {
      ...onPeer,
      schema: {
        ...schema("setPullLinkStatus", "Pause or resume reading a peer"),
        body: z.strictObject({ status: z.enum(["active", "paused"]) }),
      },
    },
    async (request) => {
      const team = teamOf(request);
      await links.pulls.setStatus(find(team, request.params.id), request.body.status);
      return linkOf(team, request.params.id);
    },
  );

  app.delete(
    "/peers/:id/pull",
    { ...onPeer, schema: schema("deletePullLink", "Read a peer no more") },
    async (request) => {
      const team = teamOf(request);
      await links.pulls.remove(find(team, request.params.id));
      return linkOf(team, request.params.id);
    },
  );

  app.post(
    "/peers/:id/instance",
    {
      ...onPeer,
      schema: {
        ...schema(
          "confirmInstance",
          "Confirm which instance a peer is",
          "Accepts a guess, or another instance in the peer's place.",
        ),
        body: z.strictObject({ instance_id: z.string().min(1).max(128) }),
      },
    },
    async (request) => {
      const team = teamOf(request);
      await links.confirmInstance(find(team, request.params.id), request.body.instance_id);
      return linkOf(team, request.params.id);
    },
  );

  app.post(
    "/peers/:id/rotate-token",
    {
      ...onPeer,
      schema: {
        ...about(
          TAG,
          "rotatePeerToken",
          "Give a peer a new token to present here",
          "The old one is accepted as well until then. Shown once: set it as the outbound token there.",
        ),
        params: PeerParams,
        querystring: TeamQuery,
        body: z.strictObject({ overlap_hours: z.number().min(0).max(720).default(24) }),
        response: answers(z.object({ inbound_token: z.string(), previous_valid_until: z.iso.datetime() }), 404),
      },
    },
    async (request) => {
      const team = teamOf(request);
      const { id } = find(team, request.params.id);
      const { token, until } = await admin.rotateInboundToken(team, id, request.body.overlap_hours * HOUR_MS);
      return { inbound_token: token, previous_valid_until: until.toISOString() };
    },
  );

  app.post(
    "/peers/:id/test",
    {
      ...onPeer,
      schema: {
        ...about(
          TAG,
          "testLink",
          "Test a link",
          "Step by step, up to the first that fails. No event reaches anybody's listeners.",
        ),
        params: PeerParams,
        querystring: TeamQuery,
        response: answers(TestObject, 404),
      },
    },
    async (request) => {
      const steps: z.infer<typeof TestObject>["steps"] = [];
      for await (const { step, outcome, durationMs, result, advice } of links.test(
        find(teamOf(request), request.params.id),
      ))
        steps.push({ step, outcome, duration_ms: durationMs, result, advice });
      return { ok: steps.every(({ outcome }) => outcome !== "failed"), steps };
    },
  );
}
