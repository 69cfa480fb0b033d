import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A TCP proxy that stands for the network between two hubs: it can be cut, and restored. */
export class CuttableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Where connections go; may change, as when a hub restarts on another port. */
  target: number;
  #cut = false;
  #losing = false;
  /** Connections that were let through, ever. */
  connections = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.target = target;
  }

  /** Starts one to a port of this machine. It ends with the test. */
  static async start(target: number): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server, target);
    server.on("connection", (client) => proxy.#join(client));
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

  /** Breaks every connection, and lets no other through until {@link restore}. */
  cut(): void {
    this.#cut = true;
    this.drop();
  }

  restore(): void {
    this.#cut = false;
  }

  /** Breaks every connection that there is now. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets the next request reach its hub, and loses the answer: the connection breaks instead. */
  loseNextAnswer(): void {
    this.#losing = true;
  }

  #join(client: Socket): void {
    if (this.#cut) {
      client.destroy();
      return;
    }
    this.connections++;
    const server = connect(this.target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on("data", (bytes) => {
      if (this.#losing) {
        this.#losing = false;
        client.destroy();
      } else client.write(bytes);
    });
  }

  async #close(): Promise<void> {
    this.drop();
    await new Promise((closed) => this.#server.close(closed));
  }
}
