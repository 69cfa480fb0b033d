// Run as a process of its own: peers that no hub should suffer from.
import { createServer, type RequestListener } from "node:http";
import { serve, service } from "../processes/serve.ts";
import { START_BAD_PEERS } from "./bad-peers-calls.ts";

const HOOK = "/hooks/bad/kite";

function listen(onRequest: RequestListener): Promise<string> {
  const server = createServer(onRequest);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("a TCP server without a port"));
      else resolve(`http://127.0.0.1:${address.port}${HOOK}`);
    });
  });
}

async function start(): Promise<{ hanging: string; failing: string }> {
  const hanging = await listen((request) => request.resume());
  const failing = await listen((request, response) => {
    request.resume();
    response
      .writeHead(500, { "content-type": "application/json" })
      .end('{"error":"broken, for the sake of measuring"}');
  });
  return { hanging, failing };
}

serve(service(START_BAD_PEERS, start));
