import { isDefinedError } from "@orpc/client";
import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { ConsoleClient, HubState } from "../../shared/contract/index.ts";
import { Connection, type ConnectionState } from "./connection.ts";
import { follow, pauseAWhile } from "./follow.ts";
import { HubClock } from "./hub-clock.ts";
import { pacedFrames } from "./pace.ts";
import { onSessionToken } from "./session-token.ts";
import { EventFeed } from "./stream/feed.ts";
import { nounsOf } from "./topics.ts";
import type { OpenTransport } from "./transport.ts";

/** Everything a screen needs of the hub it looks at. */
export interface Hub {
  readonly id: string;
  readonly client: ConsoleClient;
  /** The contract as TanStack Query options: `hub.query.peers.list.queryOptions()`. */
  readonly query: ReturnType<typeof createTanstackQueryUtils<ConsoleClient>>;
  readonly connection: Connection;
  readonly clock: HubClock;
  readonly feed: EventFeed;
  readonly queries: QueryClient;
}

const clock = {
  now: Date.now,
  chance: Math.random,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function openHub(id: string, open: OpenTransport): Hub {
  const connection = new Connection(id, open, clock);
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 1 && !isDefinedError(error),
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  const { client } = connection;
  const feed = new EventFeed(pacedFrames());
  return { id, client, query: createTanstackQueryUtils(client), connection, clock: new HubClock(), feed, queries };
}

/** Follows what the hub says by itself. @returns the function that ends it */
function followHub(hub: Hub): () => void {
  const end = new AbortController();
  const { signal } = end;
  const { client, queries } = hub;
  void follow(
    (at) => client.hub.state(undefined, { signal: at }),
    (state) => hub.clock.tell(state),
    signal,
    pauseAWhile,
  );
  void follow(
    (at) => client.hub.changes(undefined, { signal: at }),
    ({ topics }) => {
      // The first message of each line: from here on nothing is missed, but something may have been before.
      if (topics.length === 0) void queries.invalidateQueries();
      for (const noun of nounsOf(topics)) void queries.invalidateQueries({ queryKey: hub.query[noun].key() });
    },
    signal,
    pauseAWhile,
  );
  void hub.feed.run(client, signal, pauseAWhile);
  const endListening = onSessionToken(hub.connection.tryNow);
  return () => {
    endListening();
    end.abort();
  };
}

const HubContext = createContext<Hub | null>(null);

export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (hub === null) throw new Error("No hub here: this must stand inside HubProvider.");
  return hub;
}

export function HubProvider({ id, open, children }: { id: string; open: OpenTransport; children: ReactNode }) {
  const [hub, setHub] = useState<Hub | null>(null);
  useEffect(() => {
    const opened = openHub(id, open);
    const endFollowing = followHub(opened);
    setHub(opened);
    return () => {
      endFollowing();
      opened.connection.end();
      opened.queries.clear();
    };
  }, [id, open]);
  if (hub === null || hub.id !== id) return null;
  return (
    <HubContext value={hub}>
      <QueryClientProvider client={hub.queries}>{children}</QueryClientProvider>
    </HubContext>
  );
}

export function useConnection(): ConnectionState {
  const { connection } = useHub();
  return useSyncExternalStore(connection.subscribe, connection.getState);
}

export function useHubState(): HubState | null {
  const hub = useHub();
  return useSyncExternalStore(hub.clock.subscribe, hub.clock.getState);
}

/** The newest seq of the hub's log. */
export function useHead(): number {
  const { feed } = useHub();
  return useSyncExternalStore(feed.onChange, () => feed.head);
}
