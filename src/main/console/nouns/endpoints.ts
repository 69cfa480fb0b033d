import type { EndpointSecrets, EndpointView } from "../../../shared/contract/index.ts";
import { type CreatedEndpoint, type EndpointStatus, HubError, NewEndpoint } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { curlPost, kiteStream } from "../show/commands.ts";
import { firstProblem } from "../show/problem.ts";

export function endpointCalls({ inside }: Services) {
  const { endpoints, registry } = inside;

  function show(team: string, status: EndpointStatus): EndpointView {
    const { lastEvent, lastFailure } = status;
    return {
      id: status.id,
      source: status.source,
      provider: status.provider ?? "http",
      active: status.active,
      url: `${inside.url()}${status.path}`,
      tokenPrefix: status.tokenPrefix,
      secretConfigured: status.secretConfigured,
      previousSecretUntil: status.previousSecretUntil?.getTime() ?? null,
      createdAt: status.createdAt.getTime(),
      events: status.events,
      lastEventAt: lastEvent?.at.getTime() ?? null,
      lastEventSeq: lastEvent?.seq ?? null,
      lastRefusal:
        lastFailure === null
          ? null
          : {
              id: lastFailure.refusalId,
              at: lastFailure.at.getTime(),
              reason: lastFailure.reason,
              sentence: lastFailure.sentence,
            },
      curl: curlPost(`${inside.url()}${status.path}/<its token>`),
      kite: `${kiteStream(inside.url(), team, "<an API key>")} --source ${status.source}`,
    };
  }

  async function one(team: string, id: string): Promise<EndpointView> {
    const status = (await endpoints.list(team)).find((each) => each.id === id);
    if (status === undefined) throw new HubError("not_found", `There is no endpoint with id ${id}.`);
    return show(team, status);
  }

  async function secrets(team: string, { hook, token, pathWithToken, githubSecret }: CreatedEndpoint) {
    const urlWithToken = `${inside.url()}${pathWithToken}`;
    return {
      endpoint: await one(team, hook.id),
      token,
      urlWithToken,
      webhookSecret: githubSecret,
      curl: curlPost(urlWithToken),
      kite: kiteStream(inside.url(), team, "<an API key>"),
    } satisfies EndpointSecrets;
  }

  return {
    list: os.endpoints.list.handler(async ({ context: { team } }) =>
      (await endpoints.list(team)).map((status) => show(team, status)),
    ),
    create: os.endpoints.create.handler(async ({ input: { source, webhookSecret }, context: { team } }) => {
      const wanted = NewEndpoint.safeParse({ source, webhook_secret: webhookSecret });
      if (!wanted.success) throw firstProblem(wanted.error);
      if (registry.hook(team, source)?.active === true)
        throw new HubError("conflict", `There is an endpoint for ${source} already. Rotate its token for a new URL.`);
      return secrets(team, await endpoints.create(team, wanted.data));
    }),
    rotateToken: os.endpoints.rotateToken.handler(async ({ input: { id }, context: { team } }) =>
      secrets(team, await endpoints.rotateToken(team, id)),
    ),
    rotateSecret: os.endpoints.rotateSecret.handler(({ input: { id, webhookSecret }, context: { team } }) =>
      endpoints.rotateSecret(team, id, webhookSecret),
    ),
    deactivate: os.endpoints.deactivate.handler(async ({ input: { id }, context: { team } }) => {
      await endpoints.deactivate(team, id);
      return one(team, id);
    }),
  };
}
