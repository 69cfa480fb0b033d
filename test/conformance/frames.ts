import { WebSocket } from "ws";

export interface WireFrame {
  readonly type: string;
  readonly seq?: number;
  readonly code?: number;
  readonly message?: string;
  readonly client_id?: string;
  readonly last_seq?: number;
  readonly id?: string;
  readonly ok?: boolean;
  readonly payload?: Record<string, unknown>;
  readonly event?: Record<string, unknown>;
}

/** A socket that sends frames as they were recorded, and keeps what comes. */
export class WireClient {
  readonly frames: WireFrame[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(url: string, options: { readonly deflate?: boolean } = {}) {
    const target = `${url.replace(/^http/, "ws")}/ws`;
    this.socket = new WebSocket(target, { perMessageDeflate: options.deflate ?? false });
    this.socket.on("error", () => undefined);
    this.socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString("utf8")));
      this.#wake();
    });
    this.closed = new Promise((resolve) =>
      this.socket.on("close", (code) => {
        this.#isClosed = true;
        this.#wake();
        resolve(code);
      }),
    );
  }

  /** Opens a socket, sends a connect frame, and waits for the first answer, whatever it is. */
  static async connect(url: string, frame: object, options: { readonly deflate?: boolean } = {}): Promise<WireClient> {
    const client = new WireClient(url, options);
    client.socket.once("open", () => client.send(frame));
    await client.until(() => client.frames.length > 0);
    return client;
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  get events(): WireFrame[] {
    return this.frames.filter((frame) => frame.type === "event");
  }

  get seqs(): number[] {
    return this.events.map((frame) => frame.seq ?? -1);
  }

  /** Waits until something holds, which is asked after each frame. @throws Error when the socket closes before */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.frames).slice(0, 1_000)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  untilSeq(seq: number): Promise<void> {
    return this.until(() => this.seqs.includes(seq));
  }

  /** A round trip: what the hub sent before has come, and what was sent to it was read. */
  async settled(): Promise<void> {
    const id = `settled-${Math.random()}`;
    this.send({ type: "request", id, method: "no.such", params: null });
    await this.until(() => this.frames.some((frame) => frame.type === "response" && frame.id === id));
  }

  /** Vanishes without a close frame, as clients do. */
  async vanish(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
