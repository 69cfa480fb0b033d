import type { ApiKeyView } from "../../../shared/contract/index.ts";
import { HubError, type KeyStatus, NewKey } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { curlEvents, kiteStream } from "../show/commands.ts";
import { firstProblem } from "../show/problem.ts";

export function keyCalls({ inside }: Services) {
  const { keys } = inside;
  return {
    list: os.keys.list.handler(({ context: { team } }) => keys.list(team).map(show)),
    create: os.keys.create.handler(async ({ input, context: { team } }) => {
      const { name, permissions, scopes, expiresAt } = input;
      const wanted = NewKey.safeParse({
        name,
        permissions,
        scopes,
        expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      });
      if (!wanted.success) throw firstProblem(wanted.error);
      const { key, token } = await keys.create(team, wanted.data);
      const url = inside.url();
      return { key: show(key), secret: token, kite: kiteStream(url, team, token), curl: curlEvents(url, token) };
    }),
    revoke: os.keys.revoke.handler(async ({ input: { id }, context: { team } }) => {
      if (keys.list(team).find((key) => key.id === id)?.own === true)
        throw new HubError("conflict", "This is the hub's own key: it would make itself a new one at its next start.");
      return show(await keys.revoke(team, id));
    }),
  };
}

function show(key: KeyStatus): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    permissions: [...key.permissions],
    scopes: [...key.scopes],
    expiresAt: key.expiresAt?.getTime() ?? null,
    revokedAt: key.revokedAt?.getTime() ?? null,
    createdAt: key.createdAt.getTime(),
    state: key.state,
    own: key.own,
  };
}
