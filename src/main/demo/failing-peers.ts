import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Peers that are no hubs and misbehave, each in a way of its own, so that there are failures to look at. */
export interface FailingPeers {
  /** Refuses large orders for good (422), and is overloaded now and then (503 with Retry-After). */
  readonly warehouse: string;
  /** Nobody listens there. */
  readonly analytics: string;
  close(): Promise<void>;
}

const LARGE = 40_000;

export async function startFailingPeers(): Promise<FailingPeers> {
  let requests = 0;
  const warehouse = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const total = Number(/"total":\s*(\d+)/.exec(Buffer.concat(chunks).toString("utf8"))?.[1] ?? 0);
      const answer = (status: number, body: object, headers: Record<string, string> = {}): void => {
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
      };
      if (request.method !== "POST") answer(404, { error: "not found" });
      else if (total > LARGE) answer(422, { error: `orders above ${LARGE / 100} EUR need a purchase number` });
      else if (++requests % 9 === 0)
        answer(503, { error: "the warehouse is counting its stock" }, { "retry-after": "20" });
      else answer(202, { status: "accepted", id: `w-${requests}` });
    });
  });
  const port = await listen(warehouse);
  // A port that was free a moment ago, and that nobody was given.
  const vacant = createServer();
  const vacantPort = await listen(vacant);
  await close(vacant);
  return {
    warehouse: `http://127.0.0.1:${port}/hooks/acme/kite`,
    analytics: `http://127.0.0.1:${vacantPort}/hooks/acme/kite`,
    close: () => close(warehouse),
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
