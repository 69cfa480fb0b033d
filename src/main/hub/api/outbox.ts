import { z } from "zod";
import { OUTBOX_STATES } from "../../../shared/rules/index.ts";
import { EntryId, EntryKeyShape, entryId, parseEntryId } from "../entry-id.ts";
import { HubError } from "../errors.ts";
import { type EntryKey, type EntryRecord, listEntries, readAttempts, readEntry } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { AttemptObject, showAttempt } from "./attempts.ts";
import { EntryDetail, EntryObject, showEntry, showEntryDetail } from "./entry-object.ts";
import { cursorsOf, pageOf, pageQuery, TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Outbox";

/** Cursors of lists of entries. */
export const entryCursors = cursorsOf<EntryKey>(EntryKeyShape);

const Params = z.strictObject({ id: EntryId });
const Done = z.object({ id: z.string().describe("The entry.") });

/** `/api/federation/outbox`: what is owed to peers, and what became of it. */
export function outboxRoutes(app: Api, { deps, needs }: RouteContext): void {
  const { db, registry, lanes, replays } = deps;

  const find = async (team: string, id: string): Promise<EntryRecord> => {
    const entry = await readEntry(db, team, parseEntryId(id));
    if (entry === null) throw new HubError("not_found", `There is no outbox entry ${id}; retention may have taken it.`);
    return entry;
  };

  app.get(
    "/outbox",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listOutbox", "List outbox entries", "Owed and finished ones, newest event first."),
        querystring: z.strictObject({
          ...pageQuery,
          state: z.enum(OUTBOX_STATES).optional(),
          peer_id: z.uuid().optional(),
        }),
        response: answers(pageOf(EntryObject)),
      },
    },
    async (request) => {
      const { state, peer_id, limit, cursor } = request.query;
      const found = await listEntries(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        state: state ?? null,
        cause: null,
        before: entryCursors.read(cursor),
        limit: limit + 1,
      });
      return entryCursors.page(found, limit, keyOf, showEntry);
    },
  );

  app.get(
    "/outbox/:id",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "getOutboxEntry", "Show an outbox entry", "With its attempts and the planned schedule."),
        params: Params,
        querystring: TeamQuery,
        response: answers(EntryDetail, 404),
      },
    },
    async (request) => {
      const entry = await find(teamOf(request), request.params.id);
      const peer = registry.peerByNo(entry.peer);
      return showEntryDetail(entry, peer === undefined ? null : deps.retryPolicy(peer));
    },
  );

  app.get(
    "/outbox/:id/attempts",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listEntryAttempts", "List the attempts of an entry", "Oldest first, whole."),
        params: Params,
        querystring: TeamQuery,
        response: answers(z.object({ items: z.array(AttemptObject) }), 404),
      },
    },
    async (request) => {
      const team = teamOf(request);
      const { attempts } = await find(team, request.params.id);
      return { items: (await readAttempts(db, team, attempts)).map(showAttempt) };
    },
  );

  const actions = [
    {
      name: "replay",
      operationId: "replayOutboxEntry",
      summary: "Send a finished entry again",
      description: "Dead or delivered. The peer may call it a duplicate, and the entry's result says so then.",
      act: (team: string, entry: EntryRecord) => replays.replayEntry(team, entry),
    },
    {
      name: "retry",
      operationId: "retryOutboxEntry",
      summary: "Try a waiting entry now",
      description: "Its scheduled retry becomes due at once, in its place.",
      act: (team: string, entry: EntryRecord) => lanes.retryNow(team, entry),
    },
    {
      name: "cancel",
      operationId: "cancelOutboxEntry",
      summary: "Cancel an entry",
      description: "Pending or dead. It is not sent any more, and stays in the ledger as cancelled.",
      act: (team: string, entry: EntryRecord) => lanes.cancelEntry(team, entry),
    },
  ];
  for (const { name, operationId, summary, description, act } of actions) {
    app.post(
      `/outbox/:id/${name}`,
      {
        onRequest: needs("admin"),
        schema: {
          ...about(TAG, operationId, summary, description),
          params: Params,
          querystring: TeamQuery,
          response: answers(Done, 404, 409),
        },
      },
      async (request) => {
        const team = teamOf(request);
        const entry = await find(team, request.params.id);
        await act(team, entry);
        return { id: entryId(entry) };
      },
    );
  }
}

/** Where an entry stands in the lists. */
export function keyOf({ seq, peer, gen }: EntryRecord): EntryKey {
  return { seq, peer, gen };
}
