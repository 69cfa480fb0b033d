import { z } from "zod";
import { HubError } from "../errors.ts";
import type { ApiKey, Permission } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import { permits } from "../registry/index.ts";
import { type Queryable, toHubError } from "../store/database.ts";
import { countWebhooksSince, recentEvents } from "../store/event-pages.ts";
import { renderForListener } from "./event-frames.ts";
import { describe, type RequestFrame } from "./frames.ts";

/** What a method works with. */
export interface RpcContext {
  readonly db: Queryable;
  readonly registry: RegistryView;
  readonly now: () => number;
  /** The key of the connection, as it is now. */
  readonly key: ApiKey;
}

/** A management command over the stream's socket (kite-wire.md 7). */
export interface RpcMethod {
  readonly permission: Permission;
  /** Checks the parameters and answers with the JSON text of the payload. */
  run(params: unknown, context: RpcContext): Promise<string>;
}

/** An answer to a request: whether it worked, and the JSON text of the payload. */
export interface RpcAnswer {
  readonly ok: boolean;
  readonly payload: string;
}

/**
 * One row of the table of methods.
 * @param params what the method takes; a client that sends no parameters at all sends null
 * @param handle answers with a value, or with {@link RawJson} when it has the text already
 */
export function method<S extends z.ZodType>(
  permission: Permission,
  params: S,
  handle: (params: z.output<S>, context: RpcContext) => unknown,
): RpcMethod {
  return {
    permission,
    async run(given, context) {
      const parsed = params.safeParse(given ?? {});
      if (!parsed.success) throw new HubError("bad_request", describe(parsed.error));
      const answer: unknown = await handle(parsed.data, context);
      return answer instanceof RawJson ? answer.text : JSON.stringify(answer);
    },
  };
}

/** A payload that is JSON text already, so that stored events travel byte for byte. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const NoParams = z.object({});

/** The methods of kite-wire.md 7, by name. */
export const METHODS: ReadonlyMap<string, RpcMethod> = new Map([
  ["dashboard.stats", method("read", NoParams, dashboardStats)],
  ["events.recent", method("read", z.object({ limit: z.int().min(0).max(0xffff_ffff).default(100) }), eventsRecent)],
]);

async function dashboardStats(_: unknown, { db, registry, key, now }: RpcContext): Promise<unknown> {
  const { hooks, keys } = registry.snapshot;
  const today = new Date(now());
  today.setHours(0, 0, 0, 0);
  const usable = ({ team, revokedAt, expiresAt }: ApiKey): boolean =>
    team === key.team && revokedAt === null && (expiresAt === null || expiresAt.getTime() > now());
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

async function eventsRecent({ limit }: { limit: number }, { db, key }: RpcContext): Promise<RawJson> {
  const events = await recentEvents(db, key.team, Math.min(limit, MAX_RECENT));
  const rows = events.map((event) => {
    const createdAt = new Date(event.receivedAt).toISOString();
    return `{"seq":${event.seq},"created_at":"${createdAt}","event":${renderForListener(event)}}`;
  });
  return new RawJson(`{"events":[${rows.join(",")}]}`);
}

/**
 * Answers one request. What a caller did wrong, or what cannot be done now, is an answer with `ok` false.
 * @throws what is a fault of the hub's own
 */
export async function answer(request: RequestFrame, context: RpcContext): Promise<RpcAnswer> {
  const found = METHODS.get(request.method);
  if (found === undefined) return refusal(`unknown method: ${request.method}`);
  if (!permits(context.key.permissions, found.permission))
    return refusal(`${request.method} needs the permission ${found.permission}, which this API key lacks`);
  try {
    return { ok: true, payload: await found.run(request.params, context) };
  } catch (error) {
    const known = toHubError(error);
    if (known instanceof HubError) return refusal(`${request.method}: ${known.message}`);
    throw error;
  }
}

/** An answer that says why not. */
export function refusal(sentence: string): RpcAnswer {
  return { ok: false, payload: JSON.stringify({ error: sentence }) };
}
