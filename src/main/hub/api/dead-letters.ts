import { z } from "zod";
import { EntryId, entryId, parseEntryId } from "../entry-id.ts";
import { HubError } from "../errors.ts";
import { countCauses, listEntries, readEntry } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { EntryObject, showEntry } from "./entry-object.ts";
import { entryCursors, keyOf } from "./outbox.ts";
import { pageOf, pageQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Dead letters";

const CauseObject = z
  .object({
    peer_id: z.uuid(),
    peer_name: z.string(),
    cause: z.string().nullable(),
    count: z.int(),
    oldest_seq: z.int(),
    newest_seq: z.int(),
  })
  .meta({ id: "DeadLetterCause" });

/** `/api/federation/dead-letters`: what was given up. */
export function deadLetterRoutes(app: Api, { deps: { db, replays }, needs }: RouteContext): void {
  app.get(
    "/dead-letters",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listDeadLetters", "List dead letters", "Newest event first."),
        querystring: z.strictObject({
          ...pageQuery,
          peer_id: z.uuid().optional(),
          cause: z.string().max(200).optional(),
        }),
        response: answers(pageOf(EntryObject)),
      },
    },
    async (request) => {
      const { peer_id, cause, limit, cursor } = request.query;
      const found = await listEntries(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        state: "dead",
        cause: cause ?? null,
        before: entryCursors.read(cursor),
        limit: limit + 1,
      });
      return entryCursors.page(found, limit, keyOf, showEntry);
    },
  );

  app.get(
    "/dead-letters/causes",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "countDeadLetterCauses", "Count dead letters by cause", "Per peer and cause, most first."),
        querystring: z.strictObject({ team_id: pageQuery.team_id, peer_id: z.uuid().optional() }),
        response: answers(z.object({ items: z.array(CauseObject) })),
      },
    },
    async (request) => {
      const causes = await countCauses(db, teamOf(request), request.query.peer_id ?? null);
      return {
        items: causes.map((cause) => ({
          peer_id: cause.peerId,
          peer_name: cause.peerName,
          cause: cause.cause,
          count: cause.count,
          oldest_seq: cause.oldestSeq,
          newest_seq: cause.newestSeq,
        })),
      };
    },
  );

  app.post(
    "/dead-letters/:id/replay",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "replayDeadLetter",
          "Send a dead letter again",
          "Its schedule begins anew; its attempts are kept.",
        ),
        params: z.strictObject({ id: EntryId }),
        querystring: z.strictObject({ team_id: pageQuery.team_id }),
        response: answers(z.object({ id: z.string() }), 404, 409),
      },
    },
    async (request) => {
      const team = teamOf(request);
      const entry = await readEntry(db, team, parseEntryId(request.params.id));
      if (entry === null)
        throw new HubError("not_found", `There is no outbox entry ${request.params.id}; retention may have taken it.`);
      if (entry.state !== "dead")
        throw new HubError("conflict", `Entry ${request.params.id} is ${entry.state}, not a dead letter.`);
      await replays.replayEntry(team, entry);
      return { id: entryId(entry) };
    },
  );
}
