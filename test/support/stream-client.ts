import { WebSocket } from "ws";
import { z } from "zod";
import type { HubAddress } from "./hub-client.ts";

const EventFrame = z.object({
  type: z.literal("event"),
  seq: z.int(),
  event: z.looseObject({ id: z.string(), source: z.string(), type: z.string() }),
});
const Frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("connected"), last_seq: z.int(), client_id: z.string() }),
  EventFrame,
  z.object({ type: z.literal("error"), code: z.int(), message: z.string() }),
  z.object({ type: z.literal("cursor_expired"), oldest_available_seq: z.int(), message: z.string() }),
]);
export type EventFrame = z.infer<typeof EventFrame>;
type Frame = z.infer<typeof Frame>;

export interface StreamClientOptions {
  readonly scopes?: readonly string[];
  /** Null, as `kite listen` sends it, for one that has no cursor to come back to. */
  readonly clientId?: string | null;
  /** Of the upgrade, such as a proxy adds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of every event, in order. Whether and when to acknowledge is its affair. */
  readonly onEvent?: (frame: EventFrame, client: StreamClient) => void;
}

/** One connection to a hub's stream, with the frames of kite-wire.md 6 as the Rust CLI sends them. */
export class StreamClient {
  readonly events: EventFrame[] = [];
  readonly errors: { readonly code: number; readonly message: string }[] = [];
  /** The client id the hub gave or echoed, and the newest seq it told of. */
  readonly connected: { readonly clientId: string; readonly lastSeq: number };
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, connected: Extract<Frame, { type: "connected" }>, closed: Promise<void>) {
    this.#socket = socket;
    this.connected = { clientId: connected.client_id, lastSeq: connected.last_seq };
    this.closed = closed;
  }

  /** Connects and shakes hands. @throws Error when the hub is not there, refuses, or is silent for ten seconds */
  static async open(address: HubAddress, options: StreamClientOptions = {}): Promise<StreamClient> {
    const { scopes = ["*"], clientId = null, headers = {}, onEvent } = options;
    const socket = new WebSocket(`${address.url.replace(/^http/, "ws")}/ws`, { headers, perMessageDeflate: false });
    // An error is followed by the close, which is what counts.
    socket.on("error", () => undefined);
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    let client: StreamClient | null = null;
    const impatient = setTimeout(() => socket.terminate(), 10_000);
    try {
      return await new Promise<StreamClient>((resolve, reject) => {
        socket.on("open", () =>
          socket.send(
            JSON.stringify({
              type: "connect",
              version: 1,
              token: address.apiKey,
              team_id: address.team,
              scopes,
              client_id: clientId,
            }),
          ),
        );
        socket.on("message", (data: Buffer) => {
          const frame = Frame.parse(JSON.parse(data.toString("utf8")));
          if (client === null) {
            if (frame.type !== "connected") reject(new Error(`the first frame was ${JSON.stringify(frame)}`));
            else {
              client = new StreamClient(socket, frame, closed);
              resolve(client);
            }
          } else if (frame.type === "event") {
            client.events.push(frame);
            onEvent?.(frame, client);
          } else if (frame.type === "error") client.errors.push(frame);
        });
        void closed.then(() => reject(new Error("the hub closed the connection, or is not there")));
      });
    } catch (error) {
      socket.terminate();
      throw error;
    } finally {
      clearTimeout(impatient);
    }
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Everything up to this seq is done (kite-wire.md 6.5). */
  ack(seq: number): void {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type: "ack", seq }));
  }

  /** Vanishes without a close frame, as clients do. */
  async drop(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}
