import { join } from "node:path";
import { startPostgres } from "../../src/main/postgres/index.ts";
import type { Resources } from "../processes/resources.ts";
import { type FoundServer, urlOf } from "./hub-postgres.ts";

/** Starts a server as a hub would, with the same settings unless told otherwise. It ends with `resources`. */
export async function startServer(
  options: { readonly name: string; readonly folder: string; readonly settings?: Readonly<Record<string, string>> },
  resources: Resources,
): Promise<FoundServer> {
  const { name, folder, settings = {} } = options;
  const server = await startPostgres({ dataDir: join(folder, name), log: () => undefined, settings });
  resources.defer(`PostgreSQL of ${name}`, () => server.stop());
  const connection = server.connection();
  return { pid: server.pid, connection, url: urlOf(connection) };
}
