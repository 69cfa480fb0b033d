import { mkdir, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Account, giveTree } from "./account.ts";

/** Where a server listens. On a Unix socket, the port only names the socket's file in `folder`. */
export type Endpoint =
  | { readonly kind: "socket"; readonly folder: string; readonly port: number }
  | { readonly kind: "tcp"; readonly port: number };

/** The shorter of the platforms' limits (macOS, 104 bytes with the closing NUL) on a socket's path. */
const SOCKET_PATH_BYTES = 103;
const SOCKET_PORT = 5432;
const TCP_ATTEMPTS = 5;
const LOOPBACK = "127.0.0.1";

/**
 * The endpoints to try, best first. Without a port: a Unix socket (faster, and closed to other users) where there can
 * be one, then free TCP ports. With a port: TCP on that port alone; 0 stands for any free one.
 * @param folder where the socket would stand
 */
export async function* endpoints(
  folder: string,
  port: number | undefined,
  platform: NodeJS.Platform = process.platform,
): AsyncGenerator<Endpoint> {
  if (port !== undefined && port !== 0) {
    yield { kind: "tcp", port };
    return;
  }
  const path = join(folder, `.s.PGSQL.${SOCKET_PORT}`);
  if (port === undefined && platform !== "win32" && Buffer.byteLength(path) <= SOCKET_PATH_BYTES)
    yield { kind: "socket", folder, port: SOCKET_PORT };
  // Between our finding a port free and the server's taking it, somebody else may; hence several.
  for (let attempt = 0; attempt < TCP_ATTEMPTS; attempt++) yield { kind: "tcp", port: await freePort() };
}

/** The server's settings for listening there. */
export function endpointSettings(endpoint: Endpoint): Record<string, string> {
  const port = String(endpoint.port);
  if (endpoint.kind === "tcp") return { port, listen_addresses: LOOPBACK, unix_socket_directories: "" };
  // In quotes, a comma or a space is a character of the folder's name.
  const folder = `"${endpoint.folder.replaceAll('"', '""')}"`;
  return { port, listen_addresses: "", unix_socket_directories: folder };
}

/** What `pg` takes as `host`. */
export function endpointHost(endpoint: Endpoint): string {
  return endpoint.kind === "socket" ? endpoint.folder : LOOPBACK;
}

/** Where it listens, for people. */
export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === "socket" ? endpoint.folder : `${LOOPBACK}:${endpoint.port}`;
}

/** Makes the socket's folder, open to the server's account alone, and removes what a killed server left in it. */
export async function prepareSocketFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
  if (account !== undefined) await giveTree(folder, account);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
