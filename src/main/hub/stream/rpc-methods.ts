import { z } from "zod";
import { NewEndpoint, NewKey, parseScopes } from "../access/index.ts";
import type { ApiKey, LogEvent } from "../model.ts";
import { isGood } from "../registry/index.ts";
import { countWebhooksSince, recentEvents } from "../store/event-pages.ts";
import { renderForListener } from "./event-frames.ts";
import { method, RawJson, type RpcContext, type RpcMethod } from "./rpc.ts";
import { shownTo } from "./sight.ts";

const NoParams = z.object({});
const ById = z.object({ id: z.uuid("must be an id that the list shows") });
const Install = z.object({ rotate_secret: z.boolean().default(false) });
const Recent = z.object({ limit: z.int().min(0).max(0xffff_ffff).default(100) });

/** The methods of kite-wire.md 7, by name. */
export const METHODS: ReadonlyMap<string, RpcMethod> = new Map([
  ["dashboard.stats", method("read", NoParams, dashboardStats)],
  ["events.recent", method("stream", Recent, eventsRecent)],
  ["hooks.list", method("read", NoParams, hooksList)],
  ["hooks.create", method("write", NewEndpoint, hooksCreate)],
  ["hooks.deactivate", method("write", ById, hooksDeactivate)],
  ["hooks.github.prepare_install", method("write", Install, githubInstall)],
  ["keys.list", method("read", NoParams, keysList)],
  ["keys.create", method("admin", NewKey, keysCreate)],
  ["keys.revoke", method("admin", ById, keysRevoke)],
]);

async function dashboardStats(_: unknown, { db, registry, key, now }: RpcContext): Promise<unknown> {
  const { hooks, keys } = registry.snapshot;
  const today = new Date(now());
  today.setHours(0, 0, 0, 0);
  const usable = (each: ApiKey): boolean => each.team === key.team && isGood(each, now());
  return {
    team_id: key.team,
    webhooks_today: await countWebhooksSince(db, key.team, today),
    active_endpoints: hooks.filter((hook) => hook.team === key.team && hook.active).length,
    active_api_keys: keys.filter(usable).length,
    current_key_permissions: key.permissions,
    plan_name: "local",
    active_sources_limit: null,
  };
}

/** Most events of one answer. */
const MAX_RECENT = 1_000;

async function eventsRecent({ limit }: { limit: number }, { db, registry, key }: RpcContext): Promise<RawJson> {
  const granted = parseScopes(key.scopes);
  const show = (events: readonly LogEvent[]): readonly LogEvent[] =>
    granted.ok ? shownTo(key, registry, events.filter(granted.scopes.matches)) : [];
  const shown = await recentEvents(db, key.team, Math.min(limit, MAX_RECENT), { show });
  const rows = shown.map((event) => {
    const createdAt = new Date(event.receivedAt).toISOString();
    return `{"seq":${event.seq},"created_at":"${createdAt}","event":${renderForListener(event)}}`;
  });
  return new RawJson(`{"events":[${rows.join(",")}]}`);
}

function hooksList(_: unknown, { endpoints, key }: RpcContext): unknown {
  const hooks = endpoints.hooks(key.team).map(({ id, source, active, webhookSecret, createdAt }) => ({
    id,
    source,
    active,
    webhook_secret_configured: webhookSecret !== null,
    created_at: createdAt.toISOString(),
  }));
  return { team_id: key.team, hooks };
}

async function hooksCreate(wanted: NewEndpoint, { endpoints, key }: RpcContext): Promise<unknown> {
  const { hook, path, token, pathWithToken, githubSecret } = await endpoints.create(key.team, wanted);
  return {
    id: hook.id,
    source: hook.source,
    endpoint: path,
    hook_token: token,
    endpoint_with_token: pathWithToken,
    ...(githubSecret === null ? {} : { github_webhook_secret: githubSecret }),
    webhook_secret_configured: hook.webhookSecret !== null,
  };
}

async function hooksDeactivate({ id }: z.output<typeof ById>, { endpoints, key }: RpcContext): Promise<unknown> {
  return { id: (await endpoints.deactivate(key.team, id)).id };
}

async function githubInstall(
  { rotate_secret }: z.output<typeof Install>,
  { endpoints, key }: RpcContext,
): Promise<unknown> {
  const { id, pathWithToken, secret, rotated } = await endpoints.prepareGithubInstall(key.team, rotate_secret);
  return {
    id,
    team_id: key.team,
    endpoint_with_token: pathWithToken,
    github_webhook_secret: secret,
    secret_rotated: rotated,
  };
}

function keysList(_: unknown, { keys, key }: RpcContext): unknown {
  const list = keys
    .list(key.team)
    .map(({ id, name, prefix, permissions, scopes, createdAt, expiresAt, revokedAt }) => ({
      id,
      name,
      key_prefix: prefix,
      revoked: revokedAt !== null,
      created_at: createdAt.toISOString(),
      permissions,
      scopes,
      expires_at: expiresAt?.toISOString() ?? null,
    }));
  return { team_id: key.team, keys: list };
}

async function keysCreate(wanted: NewKey, { keys, key }: RpcContext): Promise<unknown> {
  const made = await keys.create(key.team, wanted);
  return { id: made.key.id, key_prefix: made.key.prefix, api_key: made.token };
}

async function keysRevoke({ id }: z.output<typeof ById>, { keys, key }: RpcContext): Promise<unknown> {
  return { id: (await keys.revoke(key.team, id)).id };
}
