import {
  type PostgresConnection,
  PostgresError,
  type PostgresServer,
  startPostgres,
} from "../../src/main/postgres/index.ts";

/** What the child tells: how its start went. */
export type HubMessage =
  | { kind: "ready"; pid: number; startedIn: PostgresServer["startedIn"]; connection: PostgresConnection }
  | { kind: "failed"; code: string; message: string };

/** What the child can be told: to stop its server and end, or to end without stopping it. */
export type HubOrder = "stop" | "exit";

const [dataDir = "", settings = "{}"] = process.argv.slice(2);

// When the test process is gone, so is this one, and with it its server.
process.on("disconnect", () => process.exit());

try {
  const server = await startPostgres({ dataDir, settings: JSON.parse(settings), log: () => undefined });
  process.on("message", (order: HubOrder) => {
    if (order === "exit") process.exit();
    void server.stop().then(() => process.disconnect());
  });
  tell({ kind: "ready", pid: server.pid, startedIn: server.startedIn, connection: server.connection() });
} catch (error) {
  if (!(error instanceof PostgresError)) throw error;
  tell({ kind: "failed", code: error.code, message: error.message });
}

function tell(message: HubMessage): void {
  process.send?.(message);
}
