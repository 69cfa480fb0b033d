import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../../shared/lab/index.ts";

/** A held request goes on after this time even if no other one has passed it. Milliseconds. */
const REORDER_MS = 500;
const MOST_BODY = 16 * 1024 * 1024;
const DELIVERY = /^\/hooks\/[^/]+\/kite$/;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/**
 * One direction of one link: the sender's peer has this proxy's address, and what it sends is passed on to the receiver,
 * byte for byte, unless a fault is set. The hubs know nothing of it.
 */
export class LinkProxy {
  readonly #server: Server;
  readonly #target: URL;
  #fault: Fault | null = null;
  #left = Number.POSITIVE_INFINITY;
  /** Lets the request go that waits to be overtaken. */
  #release: (() => void) | null = null;
  #seen = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  /** @param target the URL of the receiving hub, without a path */
  static async open(target: string): Promise<LinkProxy> {
    const proxy = new LinkProxy(target);
    await new Promise<void>((listening, failed) => {
      proxy.#server.once("error", failed).listen(0, "127.0.0.1", listening);
    });
    return proxy;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Deliveries that came so far, faults included. */
  get seen(): number {
    return this.#seen;
  }

  get fault(): Fault | null {
    return this.#fault;
  }

  /** Breaks the link in this way from now on; null heals it. */
  setFault(fault: Fault | null): void {
    this.#fault = fault;
    this.#left = fault?.times ?? Number.POSITIVE_INFINITY;
    this.#release?.();
    // A connection that stays open would never notice that the link is down.
    if (fault?.kind === "down") this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.#release?.();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const delivers = request.method === "POST" && DELIVERY.test(request.url ?? "");
    if (delivers) this.#seen++;
    const fault = this.#take(delivers);
    if (fault?.kind === "down") {
      request.socket.destroy();
      return;
    }
    const body = await readAll(request);
    switch (fault?.kind) {
      case undefined:
        this.#release?.();
        return reply(response, await this.#pass(request, body));
      case "slow":
        await sleep(fault.ms);
        return reply(response, await this.#pass(request, body));
      case "status":
        return reply(response, refusal(fault.status));
      case "too_many":
        return reply(response, refusal(429, { "retry-after": String(fault.retryAfterSecs) }));
      case "wrong_key":
        return reply(response, await this.#pass(request, body, spoilKey));
      case "duplicate": {
        const first = await this.#pass(request, body);
        await this.#pass(request, body).catch(() => undefined);
        return reply(response, first);
      }
      case "reorder":
        await this.#overtaken();
        return reply(response, await this.#pass(request, body));
      case "cut":
        await this.#passHalf(request, body);
        request.socket.destroy();
        return;
      case "cut_answer": {
        const { status, headers, body: answer } = await this.#pass(request, body);
        response.writeHead(status, { ...headers, "content-length": String(answer.length) });
        response.write(answer.subarray(0, Math.floor(answer.length / 2)), () => response.destroy());
        return;
      }
      case "skew":
        return reply(response, skewed(await this.#pass(request, body), fault.ms));
    }
  }

  /**
   * The fault of this request. One that is to happen only so often is counted down by what is delivered: who looks at
   * the map, for which hubs ask each other, must not heal a link by that.
   */
  #take(delivers: boolean): Fault | null {
    const fault = this.#fault;
    if (fault !== null && delivers && --this.#left <= 0) this.#fault = null;
    return fault;
  }

  /** Waits until the next request has gone by; every second one goes straight through. */
  async #overtaken(): Promise<void> {
    if (this.#release !== null) {
      this.#release();
      return;
    }
    const passed = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    await Promise.race([passed, sleep(REORDER_MS)]);
    this.#release = null;
    // The one that passed has left the hub, yet may not have arrived.
    await sleep(20);
  }

  #pass(request: IncomingMessage, body: Buffer, change: (headers: Headers) => Headers = same): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = change({ ...request.headers, host: this.#target.host, "content-length": String(body.length) });
      const onward = httpRequest(this.#target, { method: request.method, path: request.url, headers }, (answer) => {
        readAll(answer).then((answered) => {
          const { statusCode = 502, headers: answerHeaders } = answer;
          resolve({ status: statusCode, headers: endToEnd(answerHeaders), body: answered });
        }, reject);
      });
      onward.once("error", reject).end(body);
    });
  }

  /** The receiver gets half of the body, and then nothing more. */
  #passHalf(request: IncomingMessage, body: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const headers = { ...request.headers, host: this.#target.host, "content-length": String(body.length) };
      const onward = httpRequest(this.#target, { method: request.method, path: request.url, headers });
      onward.once("error", () => resolve()).once("close", () => resolve());
      onward.write(body.subarray(0, Math.floor(body.length / 2)), () => onward.destroy());
    });
  }
}

type Headers = Record<string, string | string[] | undefined>;

const same = (headers: Headers): Headers => headers;

function spoilKey(headers: Headers): Headers {
  return { ...headers, authorization: "Bearer not-the-token", "x-kite-signature": `sha256=${"0".repeat(64)}` };
}

function refusal(status: number, headers: Headers = {}): Answer {
  const body = Buffer.from(JSON.stringify({ error: `The lab answers ${status} on this link.` }));
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}

/** What the answering side says about the time, by a clock that is wrong. */
function skewed(answer: Answer, ms: number): Answer {
  const headers = { ...answer.headers };
  for (const name of ["date", "retry-after"]) {
    const value = headers[name];
    const time = typeof value === "string" && !/^\d+$/.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(time)) headers[name] = new Date(time + ms).toUTCString();
  }
  return { ...answer, headers };
}

/** Headers that concern one connection alone are not passed on. */
function endToEnd(headers: Headers): Headers {
  const { connection: _c, "keep-alive": _k, "transfer-encoding": _t, "content-length": _l, ...rest } = headers;
  return rest;
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.end(body);
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY) throw new RangeError(`a body on a lab's link is larger than ${MOST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
