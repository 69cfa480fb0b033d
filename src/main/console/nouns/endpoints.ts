import { z } from "zod";
import type { ApiKeyView, EndpointSecrets, EndpointView } from "../../../shared/contract/index.ts";
import { EvidenceValue } from "../../../shared/contract/index.ts";
import { type ApiKey, cursorsOf, type Hook, HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { curlEvents, curlPost, kiteStream } from "../show/commands.ts";
import { page } from "../show/page.ts";

const SOURCE = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Providers whose signatures this hub understands. */
const PROVIDERS = new Set(["github"]);
const LOOKED_AT = 1_000;

export function endpointCalls({ inside }: Services) {
  const { registry, admin, ledger } = inside;
  const hooksOf = (team: string): Hook[] => registry.snapshot.hooks.filter((hook) => hook.team === team);
  const urlOf = (hook: Hook): string => `${inside.url()}/hooks/${encodeURIComponent(hook.team)}/${hook.source}`;

  function find(team: string, id: string): Hook {
    const hook = hooksOf(team).find((one) => one.id === id);
    if (hook === undefined) throw new HubError("not_found", `There is no endpoint with id ${id}.`);
    return hook;
  }

  async function show(team: string, hooks: readonly Hook[]): Promise<EndpointView[]> {
    const query = { team, peerId: null, reason: null, before: null, limit: LOOKED_AT };
    const [newest, refusals] = await Promise.all([ledger.newestOfHooks(team), ledger.refusals(query)]);
    return hooks.map((hook) => {
      const last = newest.get(hook.source);
      const refused = refusals.find(({ route }) => route === `/hooks/${team}/${hook.source}`);
      return {
        id: hook.id,
        source: hook.source,
        provider: PROVIDERS.has(hook.source) ? hook.source : "http",
        active: hook.active,
        url: urlOf(hook),
        tokenPrefix: hook.tokenPrefix,
        secretConfigured: hook.webhookSecret !== null,
        previousSecretUntil:
          hook.previousSecretUntil !== null && hook.previousSecretUntil.getTime() > inside.now()
            ? hook.previousSecretUntil.getTime()
            : null,
        createdAt: hook.createdAt.getTime(),
        lastEventAt: last?.at.getTime() ?? null,
        lastEventSeq: last?.seq ?? null,
        lastRefusalAt: refused?.at.getTime() ?? null,
        lastRefusalReason: refused?.reason ?? null,
      };
    });
  }

  const one = async (hook: Hook): Promise<EndpointView> => {
    const [view] = await show(hook.team, [hook]);
    if (view === undefined) throw new HubError("not_found");
    return view;
  };

  async function renew(team: string, source: string, webhookSecret: string | null): Promise<EndpointSecrets> {
    const { hook, token } = await admin.createHook(team, source, webhookSecret === null ? {} : { webhookSecret });
    const urlWithToken = `${urlOf(hook)}/${token}`;
    return {
      endpoint: await one(hook),
      token,
      urlWithToken,
      webhookSecret,
      curl: curlPost(urlWithToken),
      kite: kiteStream(inside.url(), team, "<an API key>"),
    };
  }

  return {
    list: os.endpoints.list.handler(({ context }) => show(context.team, hooksOf(context.team))),
    create: os.endpoints.create.handler(({ input: { source, webhookSecret }, context: { team } }) => {
      if (!SOURCE.test(source))
        throw new HubError("bad_request", "source: must be lower-case letters, digits and dashes, 64 at most.", {
          field: "source",
        });
      if (registry.hook(team, source)?.active === true)
        throw new HubError("conflict", `There is an endpoint for ${source} already. Rotate it to get a new URL.`);
      return renew(team, source, webhookSecret);
    }),
    rotate: os.endpoints.rotate.handler(({ input, context }) =>
      renew(context.team, find(context.team, input.id).source, input.webhookSecret),
    ),
    setActive: os.endpoints.setActive.handler(async ({ input: { id, active }, context: { team } }) => {
      const hook = find(team, id);
      if (active && !hook.active)
        throw new HubError("conflict", "Rotate the endpoint instead: that gives it a new URL, and makes it active.");
      if (!active) await admin.deactivateHook(team, id);
      return one(find(team, id));
    }),
  };
}

const cursors = cursorsOf(z.uuid());

export function refusalCalls({ inside: { ledger, registry } }: Services) {
  return {
    list: os.refusals.list.handler(async ({ input, context: { team } }) => {
      const { reason, peerId, source, cursor, limit } = input;
      const before = cursors.read(cursor ?? undefined);
      const found = await ledger.refusals({ team, peerId, reason, before, limit: limit + 1 });
      const shown = page(
        cursors,
        found,
        limit,
        ({ id }) => id,
        (refusal) => ({
          id: refusal.id,
          at: refusal.at.getTime(),
          route: refusal.route,
          reason: refusal.reason,
          sentence: `Refused on ${refusal.route}: ${refusal.reason.replaceAll("_", " ")}.`,
          peer:
            refusal.peerId === null || refusal.peerName === null
              ? null
              : { no: registry.peerById(refusal.peerId)?.no ?? 0, id: refusal.peerId, name: refusal.peerName },
          event: refusal.event,
          evidence: EvidenceValue.parse(JSON.parse(refusal.evidence)),
          headers: null,
          body: null,
        }),
      );
      const route = `/hooks/${team}/${source}`;
      return source === null ? shown : { ...shown, items: shown.items.filter((refusal) => refusal.route === route) };
    }),
  };
}

export function keyCalls({ inside }: Services) {
  const { registry, admin } = inside;
  const keysOf = (team: string): ApiKey[] => registry.snapshot.keys.filter((key) => key.team === team);
  return {
    list: os.keys.list.handler(({ context }) => keysOf(context.team).map(keyView)),
    create: os.keys.create.handler(async ({ input, context: { team } }) => {
      const { name, permissions, scopes, expiresAt } = input;
      if (expiresAt !== null && expiresAt <= inside.now())
        throw new HubError("bad_request", "expiresAt: has passed already.", { field: "expiresAt" });
      const expiry = expiresAt === null ? null : new Date(expiresAt);
      const { key, token } = await admin.createKey(team, { name, permissions, scopes, expiresAt: expiry });
      const url = inside.url();
      return { key: keyView(key), secret: token, kite: kiteStream(url, team, token), curl: curlEvents(url, token) };
    }),
    revoke: os.keys.revoke.handler(async ({ input: { id }, context: { team } }) => {
      const key = keysOf(team).find((one) => one.id === id);
      if (key === undefined) throw new HubError("not_found", `There is no key with id ${id}.`);
      if (key.secret !== null)
        throw new HubError("conflict", "This is the hub's own key: it would make itself a new one at its next start.");
      await admin.revokeKey(team, id);
      return keyView(keysOf(team).find((one) => one.id === id) ?? key);
    }),
  };
}

function keyView(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    permissions: [...key.permissions],
    scopes: [...key.scopes],
    expiresAt: key.expiresAt?.getTime() ?? null,
    revokedAt: key.revokedAt?.getTime() ?? null,
    createdAt: key.createdAt.getTime(),
  };
}
