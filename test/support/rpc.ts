import { WebSocket } from "ws";
import type { HubAddress } from "./hub-client.ts";

export interface RpcReply {
  readonly ok: boolean;
  // A test reads what it expects to be there; a wrong name fails its assertion.
  readonly payload: Record<string, unknown>;
}

/**
 * One management command as the CLI runs it: a socket of its own, `connect` with an explicit null for the client id,
 * `connected`, the request, and the response with the same id; whatever else comes is skipped.
 * @throws Error when the hub sends an error frame, or closes
 */
export async function rpc(address: HubAddress, method: string, params: unknown = {}): Promise<RpcReply> {
  const socket = new WebSocket(`${address.url.replace(/^http/, "ws")}/ws`, { perMessageDeflate: false });
  const id = `0197-${Math.random()}`;
  try {
    return await new Promise<RpcReply>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the hub closed the connection")));
      socket.on("open", () =>
        socket.send(
          JSON.stringify({
            type: "connect",
            version: 1,
            token: address.apiKey,
            team_id: address.team,
            scopes: ["*"],
            client_id: null,
          }),
        ),
      );
      socket.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString("utf8"));
        if (frame.type === "error") reject(new Error(`Server error (${frame.code}): ${frame.message}`));
        else if (frame.type === "connected") socket.send(JSON.stringify({ type: "request", id, method, params }));
        else if (frame.type === "response" && frame.id === id) resolve({ ok: frame.ok, payload: frame.payload ?? {} });
      });
    });
  } finally {
    socket.terminate();
  }
}
