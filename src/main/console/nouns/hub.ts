import { HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import { changes } from "../live/changes.ts";
import { hubState } from "../live/state.ts";
import type { Services } from "../services.ts";
import { curlPost, kiteStream } from "../show/commands.ts";

export function hubCalls(services: Services) {
  const { inside, setting } = services;
  const hookUrl = (): string => {
    const { team, hookToken } = inside.credentials;
    return `${inside.url()}/hooks/${encodeURIComponent(team)}/demo/${hookToken}`;
  };
  return {
    about: os.hub.about.handler(({ context }) => ({
      instanceId: inside.instanceId,
      version: inside.version,
      team: context.team,
      // A key of one team has no business with the others.
      teams: context.local ? [...inside.registry.teams] : [context.team],
      url: inside.url(),
      hookUrl: `${inside.url()}/hooks/${encodeURIComponent(context.team)}/demo`,
      dataDir: setting.dataDir,
      database: setting.database,
      startedAt: inside.startedAt,
      platform: process.platform,
    })),
    firstSteps: os.hub.firstSteps.handler(({ context }) => {
      if (!context.local)
        throw new HubError(
          "forbidden",
          "The keys of this hub are shown on its own machine only. Create a key instead.",
        );
      const { team, apiKey, adminKey } = inside.credentials;
      return {
        hookUrl: hookUrl(),
        curl: curlPost(hookUrl()),
        kiteStream: kiteStream(inside.url(), team, apiKey),
        apiKey,
        adminKey,
      };
    }),
    state: os.hub.state.handler(({ signal }) => hubState(inside, signal)),
    changes: os.hub.changes.handler(({ signal }) => changes(services, signal)),
  };
}
