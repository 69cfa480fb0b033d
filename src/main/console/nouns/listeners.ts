import type { ListenerView } from "../../../shared/contract/index.ts";
import { HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

/** Remembered listeners that are shown; those seen last come first. */
const MOST = 1_000;
const AGENT_SCOPE = "agent_to:";

export function listenerCalls({ inside, changed }: Services) {
  const { ledger, registry } = inside;

  async function list(team: string): Promise<ListenerView[]> {
    const [cursors, oldest] = await Promise.all([ledger.cursors(team, MOST), ledger.oldest()]);
    const head = inside.tail.seq;
    const keys = new Map(registry.snapshot.keys.map((key) => [key.id, key]));
    const cursorOf = new Map(cursors.map((cursor) => [cursor.clientId, cursor]));
    const connected = inside
      .sessions()
      .filter((session) => session.team === team)
      .map((session): ListenerView => {
        const cursor = cursorOf.get(session.clientId);
        return {
          clientId: session.clientId,
          connectedAt: session.connectedAt,
          remote: session.remote,
          scopes: [...session.scopes],
          keyName: session.keyName,
          keyPrefix: keys.get(session.keyId)?.prefix ?? null,
          cursor: cursor === undefined ? null : Math.max(cursor.seq, session.acked),
          sent: session.position,
          behind: Math.max(head - session.acked, 0),
          updatedAt: cursor?.updatedAt.getTime() ?? null,
          expired: false,
          agents: agentsOf(session.scopes),
        };
      });
    const present = new Set(connected.map((listener) => listener.clientId));
    const remembered = cursors
      .filter((cursor) => !present.has(cursor.clientId))
      .map((cursor): ListenerView => {
        const done = Math.max(cursor.seq, cursor.passed);
        return {
          clientId: cursor.clientId,
          connectedAt: null,
          remote: null,
          scopes: [...cursor.scopes],
          keyName: null,
          keyPrefix: null,
          cursor: cursor.seq,
          sent: null,
          behind: Math.max(head - done, 0),
          updatedAt: cursor.updatedAt.getTime(),
          expired: done < oldest - 1,
          agents: agentsOf(cursor.scopes),
        };
      });
    return [...connected, ...remembered];
  }

  return {
    list: os.listeners.list.handler(({ context }) => list(context.team)),
    disconnect: os.listeners.disconnect.handler(({ input, context }) => {
      if (inside.disconnect(context.team, input.clientId) === 0)
        throw new HubError("not_found", `No listener ${input.clientId} is connected to this hub.`);
    }),
    forget: os.listeners.forget.handler(async ({ input: { clientId }, context: { team } }) => {
      if (inside.sessions().some((session) => session.team === team && session.clientId === clientId))
        throw new HubError(
          "conflict",
          `${clientId} is connected: disconnect it first, or it would write its cursor anew.`,
        );
      if (!(await inside.forget(team, clientId))) throw new HubError("not_found", `There is no listener ${clientId}.`);
      changed.emit("listeners");
    }),
  };
}

function agentsOf(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.startsWith(AGENT_SCOPE)).map((scope) => scope.slice(AGENT_SCOPE.length));
}
