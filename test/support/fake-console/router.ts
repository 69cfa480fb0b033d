import { implement } from "@orpc/server";
import {
  contract,
  type EventRow,
  type HubState,
  type SavedView,
  type Topic,
} from "../../../src/shared/contract/index.ts";
import { compileFilter, parseFilter } from "../../../src/shared/filter/index.ts";
import { Broadcast, type FakeLog } from "./feed.ts";
import { eventOf, NOW, PEERS } from "./generated.ts";

const os = implement(contract);

export interface FakeState {
  readonly log: FakeLog;
  readonly changes: Broadcast<{ topics: Topic[] }>;
  readonly views: SavedView[];
  /** Names of the peers that are production. */
  production: readonly string[];
  /** Set: every call of the nouns is answered with this error. */
  broken: string | null;
}

const stateOf = ({ log }: FakeState): HubState => ({
  phase: "running",
  problems: [],
  now: NOW,
  uptime: 3_600_000,
  head: log.head,
});

/** The calls that Stream, Event and the shell make. */
export function fakeRouter(state: FakeState) {
  const { log } = state;
  const fail = (): void => {
    if (state.broken !== null) throw new Error(state.broken);
  };
  const matching = (text: string): EventRow[] => {
    const judge = compileFilter(parseFilter(text).filter, { peers: PEERS, now: NOW });
    const payload = (seq: number) => ({ data: JSON.stringify(JSON.parse(eventOf(seq).event).data), headers: null });
    return log.rows.filter((row) => judge(row, payload(row.seq)) === "yes").reverse();
  };
  return {
    hub: {
      about: os.hub.about.handler(() => ({
        instanceId: "kite-local",
        version: "0.1.0",
        team: "local",
        teams: ["local"],
        url: "http://127.0.0.1:7700",
        hookUrl: "http://127.0.0.1:7700/hook/shop",
        dataDir: "/data",
        database: "embedded" as const,
        startedAt: NOW,
        platform: "linux",
      })),
      firstSteps: os.hub.firstSteps.handler(() => ({
        hookUrl: "http://127.0.0.1:7700/hook/shop",
        curl: "curl -X POST http://127.0.0.1:7700/hook/shop -H 'content-type: application/json' -d '{\"hello\":\"kite\"}'",
        kiteStream: "kite stream",
        apiKey: "kite_x",
        adminKey: "kite_y",
      })),
      state: os.hub.state.handler(({ signal }) => new Broadcast<HubState>().follow([stateOf(state)], signal)),
      changes: os.hub.changes.handler(({ signal }) => state.changes.follow([{ topics: [] }], signal)),
    },
    hubs: {
      list: os.hubs.list.handler(() => [
        {
          id: "local",
          name: "ana-laptop",
          url: "http://127.0.0.1:7700",
          environment: "local" as const,
          instanceId: "kite-local",
        },
        {
          id: "h1",
          name: "kite-prod-eu",
          url: "https://kite.example.com",
          environment: "production" as const,
          instanceId: null,
        },
      ]),
    },
    events: {
      stream: os.events.stream.handler(async function* ({ input, signal }) {
        fail();
        const rows =
          input.after === null
            ? log.rows.slice(-input.snapshot)
            : log.rows.filter(({ seq }) => seq > (input.after ?? 0));
        const snapshot = {
          kind: "snapshot" as const,
          rows,
          head: log.head,
          oldest: log.rows[0]?.seq ?? 0,
          peers: [...PEERS],
        };
        yield* log.stream.follow([snapshot], signal);
      }),
      search: os.events.search.handler(async function* ({ input: { filter, before, limit } }) {
        fail();
        const found = matching(filter).filter(({ seq }) => before === null || seq < before);
        const rows = found.slice(0, limit);
        const full = found.length > rows.length;
        yield {
          rows,
          searchedTo: full ? (rows.at(-1)?.seq ?? 0) : (log.rows[0]?.seq ?? 0),
          oldest: log.rows[0]?.seq ?? 0,
          scanned: log.rows.length,
          state: full ? ("full" as const) : ("done" as const),
        };
      }),
      facets: os.events.facets.handler(async function* ({ input }) {
        fail();
        const rows = matching(input.filter);
        const counts = (values: readonly (string | null)[]) => {
          const found = new Map<string, number>();
          for (const value of values) if (value !== null) found.set(value, (found.get(value) ?? 0) + 1);
          return [...found].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
        };
        const outcomes = rows.flatMap((row) => row.outcomes);
        yield {
          fields: {
            type: counts(rows.map(({ type }) => type)),
            source: counts(rows.map(({ source }) => source)),
            hook: counts(rows.map(({ hook }) => hook)),
            via: [],
            origin: counts(rows.map(({ origin }) => origin)),
            outcome: counts(outcomes.map((each) => each.state)),
            reason: counts(outcomes.map(({ reason }) => reason)),
            hops: counts(rows.map(({ hops }) => String(hops))),
            integrity: counts(rows.flatMap(({ integrity }) => integrity)),
          },
          matched: rows.length,
          scanned: log.rows.length,
          searchedTo: 1,
          state: "done" as const,
        };
      }),
      get: os.events.get.handler(({ input, errors }) => {
        fail();
        if (!log.rows.some(({ seq }) => seq === input.seq))
          throw errors.NOT_FOUND({
            message: `There is no event with the seq ${input.seq}. Retention may have taken it.`,
          });
        return eventOf(input.seq);
      }),
      findById: os.events.findById.handler(({ input }) =>
        log.rows.filter(({ id }) => id === input.id).map(({ seq }) => seq),
      ),
      send: os.events.send.handler(() => ({ status: "accepted" as const, seq: log.head, id: "evt_sent" })),
    },
    endpoints: { list: os.endpoints.list.handler(() => []) },
    replays: {
      count: os.replays.count.handler(({ input }) => ({
        count: input.targets === "listeners" ? 2 : 3,
        production: input.targets === "listeners" ? [] : [...state.production],
      })),
      create: os.replays.create.handler(({ input, errors }) => {
        const missing =
          input.targets === "listeners" ? [] : state.production.filter((name) => !input.confirm.includes(name));
        if (missing.length > 0) throw errors.CONFLICT({ message: `This would replay to production: ${missing}.` });
        return job(input);
      }),
      get: os.replays.get.handler(({ errors }) => {
        throw errors.NOT_FOUND({ message: "This fake keeps no jobs." });
      }),
    },
    views: {
      list: os.views.list.handler(() => [...state.views]),
      save: os.views.save.handler(({ input }) => {
        const view = { ...input, id: `v${state.views.length + 1}` };
        state.views.push(view);
        state.changes.send({ topics: ["views"] });
        return view;
      }),
    },
  };
}

const job = <T>(request: T) => ({
  id: "job1",
  state: "done" as const,
  request,
  total: 3,
  done: 3,
  skipped: 0,
  error: null,
  createdAt: NOW,
  finishedAt: NOW,
});
