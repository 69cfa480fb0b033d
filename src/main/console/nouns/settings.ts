import { randomUUID } from "node:crypto";
import { z } from "zod";
import { HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

export function settingCalls({ inside, setting }: Services) {
  return {
    get: os.settings.get.handler(() => inside.settings.current),
    update: os.settings.update.handler(({ input }) => inside.settings.update(input)),
    preview: os.settings.preview.handler(({ input }) => inside.retentionPreview(input)),
    storage: os.settings.storage.handler(() => inside.storage()),
    config: os.settings.config.handler(({ context }) => {
      if (!context.local)
        throw new HubError("forbidden", "The configuration of this hub is shown on its own machine only.");
      return [...setting.config];
    }),
  };
}

export function viewCalls({ inside: { ledger }, changed }: Services) {
  const uuid = z.uuid();
  return {
    list: os.views.list.handler(({ context }) => ledger.views(context.team)),
    save: os.views.save.handler(async ({ input, context }) => {
      const view = { ...input, id: input.id ?? randomUUID() };
      if (!uuid.safeParse(view.id).success || !(await ledger.saveView(context.team, view)))
        throw new HubError("not_found", `There is no saved filter with id ${view.id}.`);
      changed.emit("views");
      return view;
    }),
    remove: os.views.remove.handler(async ({ input, context }) => {
      if (!uuid.safeParse(input.id).success || !(await ledger.removeView(context.team, input.id)))
        throw new HubError("not_found", `There is no saved filter with id ${input.id}.`);
      changed.emit("views");
    }),
  };
}
