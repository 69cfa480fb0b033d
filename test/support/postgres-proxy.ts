import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { TestDatabase } from "./postgres.ts";

/** Stands between a hub and its PostgreSQL on TCP, and can lose what the server answers. */
export class PostgresProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #armed: string | null = null;
  #lost: (() => void) | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one for a database. It ends with the test. */
  static async start({ connection: { host, port } }: TestDatabase): Promise<PostgresProxy> {
    const server = createServer();
    const proxy = new PostgresProxy(server);
    server.on("connection", (client) => proxy.#join(client, connect(port, host)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => proxy.#close());
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
    return address.port;
  }

  /**
   * Lets the next statement that has this text in its message (its name, say) reach the server and be executed, but not
   * its answer come back: the connection breaks instead. Resolves when that has happened.
   */
  loseAnswerTo(text: string): Promise<void> {
    this.#armed = text;
    return new Promise((resolve) => {
      this.#lost = resolve;
    });
  }

  #join(client: Socket, server: Socket): void {
    let losing = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (this.#armed !== null && bytes.includes(this.#armed)) {
        this.#armed = null;
        losing = true;
      }
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (!losing) client.write(bytes);
      else if (isReadyForQuery(bytes)) {
        // It has committed: nothing but the good news is lost.
        client.destroy();
        this.#lost?.();
      }
    });
  }

  async #close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** The message by which the server ends its answer: `Z`, a length of 5, and `I` outside of a transaction. */
function isReadyForQuery(bytes: Buffer): boolean {
  return bytes.subarray(-6).toString("latin1") === "Z\u0000\u0000\u0000\u0005I";
}
