import { z } from "zod";
import {
  type ArrivalView,
  type DecisionView,
  type EventView,
  EvidenceValue,
  type PeerRef,
} from "../../../shared/contract/index.ts";
import { renderEvent } from "../../../shared/event/index.ts";
import { DROP_REASONS, explainReason } from "../../../shared/rules/index.ts";
import { entryId, HubError, type LogEvent, readChain } from "../../hub/index.ts";
import { os } from "../caller.ts";
import { StreamFeed } from "../live/stream-feed.ts";
import type { Services } from "../services.ts";
import { attemptView, readHeaders } from "../show/attempt.ts";
import { type EntryRecord, entryView } from "../show/entry.ts";
import { peerRef } from "../show/rows.ts";

const MOST_ARRIVALS = 100;
const MOST_DECISIONS = 1_000;
const MOST_ATTEMPTS = 200;
const MOST_OF_AN_ID = 20;

export function eventCalls({ inside, rows, changed }: Services) {
  const { ledger, registry } = inside;

  const peerOf = (no: number | null): PeerRef | null => {
    const peer = no === null ? undefined : registry.peerByNo(no);
    return peer === undefined ? null : peerRef(peer);
  };

  async function decisionsOf(team: string, seq: number): Promise<DecisionView[]> {
    const query = { seqs: [seq], peerId: null, outcome: null, reason: null, before: null, limit: MOST_DECISIONS };
    const found = await ledger.decisions({ team, ...query });
    return found.map((decision): DecisionView => {
      const { drop, forward, peer, peerId, peerName, at, revision } = decision;
      const shared = { peer: { no: peer, id: peerId, name: peerName }, at: at.getTime(), revision };
      if (drop === null)
        return {
          ...shared,
          outcome: "forward",
          reason: null,
          evidence: null,
          sentence: `The event is forwarded; its outbox entry is ${forward?.state ?? "gone"}.`,
          entryId: forward === null ? null : entryId({ seq, peer, gen: forward.gen }),
        };
      const evidence = EvidenceValue.parse(JSON.parse(drop.evidence));
      const reason = z.enum(DROP_REASONS).parse(drop.reason);
      const sentence = explainReason(reason, evidence);
      return { ...shared, outcome: "drop", reason, evidence, sentence, entryId: null };
    });
  }

  async function arrivalsOf(event: LogEvent): Promise<ArrivalView[]> {
    const arrivals = await ledger.arrivals(event.seq, event.segment, MOST_ARRIVALS);
    return arrivals.map((arrival) => ({
      at: arrival.at.getTime(),
      kind: arrival.kind,
      via: peerOf(arrival.via),
      data: arrival.data,
      origin: arrival.origin,
      chain: readChain(arrival.chain),
      hops: arrival.hops,
    }));
  }

  async function show(team: string, seq: number): Promise<EventView> {
    const event = await ledger.event(team, seq);
    if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
    // What was decided and sent belongs to the original; a row that shows it again has none of its own.
    const of = event.replayOf ?? seq;
    const [[row], arrivals, decisions, entries] = await Promise.all([
      ledger.rows([event]),
      arrivalsOf(event),
      decisionsOf(team, of),
      ledger.entriesOfEvent(team, of),
    ]);
    if (row === undefined) throw new Error(`no row was made of event ${seq}`);
    const ids = [...new Set(entries.flatMap((entry: EntryRecord) => entry.attempts))];
    const attempts = await ledger.attemptsById(team, ids.slice(-MOST_ATTEMPTS));
    return {
      ...row,
      viaPeer: peerOf(event.via),
      event: renderEvent(event, { ...event.copy, seq }),
      headers: event.headers === null ? null : readHeaders(event.headers),
      arrivals,
      decisions,
      entries: entries.map(entryView),
      attempts: attempts.map((attempt) => attemptView(attempt, registry)),
      dataCut: event.dataCut !== undefined,
    };
  }

  /** Each step is told to who shows what was there before. */
  async function* purging<T>(steps: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const step of steps) {
      inside.news.touched.emit(null);
      changed.emit("events");
      yield step;
    }
  }

  return {
    stream: os.events.stream.handler(({ input, context, signal }) =>
      new StreamFeed(inside, rows, { ...input, team: context.team, signal }).messages(),
    ),
    search: os.events.search.handler(({ input, context, signal }) =>
      inside.searches.search(context.team, input, signal),
    ),
    facets: os.events.facets.handler(({ input, context, signal }) =>
      inside.searches.facets(context.team, input, signal),
    ),
    get: os.events.get.handler(({ input, context }) => show(context.team, input.seq)),
    rows: os.events.rows.handler(async ({ input, context }) =>
      ledger.rows(await ledger.eventsBySeq(context.team, input.seqs)),
    ),
    findById: os.events.findById.handler(({ input, context }) =>
      ledger.seqsOfId(context.team, input.id, MOST_OF_AN_ID),
    ),
    send: os.events.send.handler(async ({ input, context }) => {
      const headers = Object.fromEntries(
        Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const type = input.format === "cloudevent" ? "application/cloudevents+json" : "application/json";
      const result = await inside.compose(context.team, {
        source: input.source,
        headers: { ...headers, "content-type": type },
        body: input.body,
      });
      return { status: result.status, seq: result.seq, id: result.id };
    }),
    purgeCount: os.events.purgeCount.handler(({ input, context, signal }) =>
      inside.purges.count(context.team, input, signal),
    ),
    purge: os.events.purge.handler(({ input, context, signal }) =>
      purging(inside.purges.purge(context.team, input, signal)),
    ),
  };
}
