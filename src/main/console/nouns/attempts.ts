import { z } from "zod";
import { cursorsOf, HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { attemptView } from "../show/attempt.ts";
import { page } from "../show/page.ts";

const cursors = cursorsOf(z.uuid());

export function attemptCalls({ inside: { ledger, registry } }: Services) {
  return {
    list: os.attempts.list.handler(async ({ input, context }) => {
      const { peerId, failed, cursor, limit } = input;
      const before = cursors.read(cursor ?? undefined);
      const query = { team: context.team, peerId, outcome: null, failed, before, limit: limit + 1 };
      const found = await ledger.attempts(query);
      return page(
        cursors,
        found,
        limit,
        ({ id }) => id,
        (attempt) => attemptView(attempt, registry),
      );
    }),
    get: os.attempts.get.handler(async ({ input, context }) => {
      const [attempt] = z.uuid().safeParse(input.id).success ? await ledger.attemptsById(context.team, [input.id]) : [];
      if (attempt === undefined)
        throw new HubError("not_found", `There is no attempt ${input.id}; retention may have taken it.`);
      return attemptView(attempt, registry);
    }),
  };
}
