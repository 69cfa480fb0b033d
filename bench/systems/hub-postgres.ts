import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterPaths, DATABASE, SUPERUSER } from "../../src/main/postgres/cluster.ts";
import type { PostgresConnection } from "../../src/main/postgres/index.ts";

/** A running PostgreSQL server, and how to get in. */
export interface FoundServer {
  /** Of the postmaster, whose children are the connections. */
  readonly pid: number;
  readonly connection: PostgresConnection;
  /** The same as a URL. */
  readonly url: string;
}

/**
 * Finds the server that a hub has started on its data folder. So the bench can ask how fast the very same server is
 * without the hub, order a checkpoint, and count rows.
 */
export function findHubPostgres(dataDir: string): FoundServer {
  const paths = clusterPaths(dataDir);
  // The lines of postmaster.pid: process, data directory, start, port, socket's folder, address.
  const lines = readFileSync(join(paths.dir, "postmaster.pid"), "utf8").split("\n");
  const [pid, , , port, socketFolder, address] = lines.map((line) => line.trim());
  const connection: PostgresConnection = {
    host: socketFolder || address || "127.0.0.1",
    port: Number(port),
    user: SUPERUSER,
    password: readFileSync(paths.password, "utf8").trim(),
    database: DATABASE,
  };
  return { pid: Number(pid), connection, url: urlOf(connection) };
}

/** @returns a URL that also holds for a Unix socket, as `pg` reads it */
export function urlOf({ host, port, user, password, database }: PostgresConnection): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}
