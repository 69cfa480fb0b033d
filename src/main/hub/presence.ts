import { hostname } from "node:os";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import type { Database } from "./store/database.ts";
import { findDeadHubs, holdHubLock, listenForCommits, registerHub, removeHubs } from "./store/hubs.ts";

const RECONNECT_MS = 1_000;

export interface PresenceOptions {
  readonly db: Database;
  /** Another hub committed events up to this seq. */
  readonly onNotice: (seq: number) => void;
  readonly onError: (error: unknown, doing: string) => void;
}

/**
 * This process among the hubs of the database: its number, the lock by which the others see that it lives, and its ear
 * for what they commit. All three hang on one connection, which is opened again when it is lost.
 */
export class Presence {
  readonly no: number;
  readonly #o: PresenceOptions;
  #client: pg.Client;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(no: number, client: pg.Client, options: PresenceOptions) {
    this.no = no;
    this.#client = client;
    this.#o = options;
    this.#attend(client);
  }

  static async open(options: PresenceOptions): Promise<Presence> {
    const client = await connect(options.db);
    const no = await registerHub(client, { id: uuidv7(), host: hostname(), pid: process.pid });
    return new Presence(no, client, options);
  }

  /** Hubs that ended without giving back what they had leased. */
  deadHubs(): Promise<number[]> {
    return findDeadHubs(this.#o.db, this.no);
  }

  /** Strikes hubs off the list, once nothing is leased to them any more. */
  forget(hubs: readonly number[]): Promise<void> {
    return removeHubs(this.#o.db, hubs);
  }

  /** Leaves the list; to be called when nothing is leased to this hub. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    try {
      await removeHubs(this.#o.db, [this.no]);
    } finally {
      await this.#client.end().catch(() => undefined);
    }
  }

  #attend(client: pg.Client): void {
    const lost = (): void => {
      if (this.#closed || this.#client !== client || this.#timer !== undefined) return;
      this.#timer = setTimeout(() => void this.#again(), RECONNECT_MS);
    };
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", ({ payload }) => {
      const [hub, seq] = (payload ?? "").split(" ").map(Number);
      // Our own commits are published from memory; reading them again would only race with that.
      if (hub !== this.no && seq !== undefined && Number.isSafeInteger(seq)) this.#o.onNotice(seq);
    });
  }

  async #again(): Promise<void> {
    this.#timer = undefined;
    try {
      const client = await connect(this.#o.db);
      if (this.#closed) {
        await client.end();
        return;
      }
      await holdHubLock(client, this.no);
      this.#client = client;
      this.#attend(client);
    } catch (error) {
      this.#o.onError(error, "coming back to the database");
      if (!this.#closed) this.#timer = setTimeout(() => void this.#again(), RECONNECT_MS);
    }
  }
}

async function connect(db: Database): Promise<pg.Client> {
  const client = new pg.Client(db.config);
  await client.connect();
  await listenForCommits(client);
  return client;
}
