import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { PostgresConnection } from "../../src/main/postgres/index.ts";
import type { ListenTarget } from "../load/listening.ts";
import type { Target } from "../load/sending.ts";
import type { CpuGroup } from "../processes/cpu.ts";
import { endPid, endProcess, isAlive } from "../processes/end-process.ts";
import type { Resources } from "../processes/resources.ts";
import { type FoundServer, findHubPostgres } from "./hub-postgres.ts";

const SERVER = join(import.meta.dirname, "..", "..", "out", "main", "server.js");
const START_MS = 60_000;
/** A hub drains what is in flight before it ends. */
const STOP_MS = 30_000;
const LAST_WORDS = 2_000;

const Ready = z.object({
  url: z.string(),
  instance_id: z.string(),
  team_id: z.string(),
  api_key: z.string(),
  admin_key: z.string(),
  hook_url: z.string(),
  data_dir: z.string(),
  console_url: z.string().optional(),
});

export interface HubOptions {
  /** Its instance id, and the name of its folder. */
  readonly name: string;
  /** Where its folder is made. */
  readonly folder: string;
  /** 0, the default, is any free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Where it writes a processor profile when it ends. */
  readonly profileFolder?: string | undefined;
  /** A server of the bench instead of the hub's own. */
  readonly postgres?: FoundServer | undefined;
  /** Serve the console to browsers. */
  readonly console?: boolean;
}

/** A hub as a user has it: its own process, on its own embedded PostgreSQL unless told otherwise. */
export class Hub {
  readonly name: string;
  readonly url: string;
  readonly team: string;
  readonly pid: number;
  /** Where events are posted. */
  readonly target: Target;
  /** Its stream. */
  readonly stream: ListenTarget;
  readonly postgres: FoundServer;
  /** Where a browser finds its console, with the session's token; null when it serves none. */
  readonly consoleUrl: string | null;
  /** Stops it, and whatever of it is left; idempotent. */
  readonly stop: () => Promise<void>;
  readonly #adminKey: string;

  private constructor(
    name: string,
    pid: number,
    ready: z.infer<typeof Ready>,
    postgres: FoundServer,
    stop: Hub["stop"],
  ) {
    this.name = name;
    this.url = ready.url;
    this.team = ready.team_id;
    this.pid = pid;
    this.target = { url: ready.hook_url, contentType: "application/cloudevents+json" };
    const socket = `${ready.url.replace(/^http/, "ws")}/ws`;
    this.stream = { kind: "hub", url: socket, token: ready.api_key, team: ready.team_id };
    this.postgres = postgres;
    this.consoleUrl = ready.console_url ?? null;
    this.stop = stop;
    this.#adminKey = ready.admin_key;
  }

  /** Starts one and waits until it is ready. @throws Error with its last words when it does not come up */
  static async start(options: HubOptions, resources: Resources): Promise<Hub> {
    if (!existsSync(SERVER)) throw new Error(`${SERVER} does not exist: build it with npm run build.`);
    const { name, folder, postgres } = options;
    const dataDir = join(folder, name);
    const logFile = join(folder, `${name}.log`);
    const child = spawnHub(options, dataDir, logFile);
    let postgresPid = postgres?.pid ?? 0;
    const stop = async (): Promise<void> => {
      child.kill("SIGTERM");
      await endProcess(child, STOP_MS);
      // A hub that had to be killed leaves its server behind.
      if (postgres === undefined && postgresPid !== 0 && isAlive(postgresPid)) await endPid(postgresPid, "SIGINT");
    };
    let stopping: Promise<void> | null = null;
    const stopOnce = (): Promise<void> => {
      stopping ??= stop();
      return stopping;
    };
    resources.defer(`hub ${name}`, stopOnce);

    const line = await firstLine(child);
    if (line === null || child.pid === undefined) {
      const words = readFileSync(logFile, "utf8").slice(-LAST_WORDS);
      const what =
        child.exitCode === null ? `was not ready within ${START_MS / 1_000} s` : "ended instead of being ready";
      throw new Error(`hub ${name} ${what}; its log ends with\n${words}`);
    }
    const ready = Ready.parse(JSON.parse(line));
    const found = postgres ?? findHubPostgres(ready.data_dir);
    postgresPid = found.pid;
    return new Hub(name, child.pid, ready, found, stopOnce);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Where peers post to. */
  get peerUrl(): string {
    return `${this.url}/hooks/${encodeURIComponent(this.team)}/kite`;
  }

  get connection(): PostgresConnection {
    return this.postgres.connection;
  }

  /** The hub's processes, for the account of processor time. */
  get cpuGroups(): CpuGroup[] {
    return [
      { label: `hub ${this.name}`, pid: this.pid, children: false },
      { label: `postgres ${this.name}`, pid: this.postgres.pid, children: true },
    ];
  }

  /** Calls the hub's API with its admin key. @throws Error what the hub answered when that was no 2xx */
  async api<T>(method: "GET" | "POST" | "PATCH", path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.#adminKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`hub ${this.name}: ${method} ${path} was answered ${answer.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  }
}

function spawnHub(options: HubOptions, dataDir: string, logFile: string) {
  const { name, port = 0, env, profileFolder, postgres, console = false } = options;
  const profile = profileFolder === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profileFolder];
  const served = console ? ["--console"] : [];
  const flags = ["--json", ...served, "--port", String(port), "--data-dir", dataDir, "--instance-id", name];
  const log = openSync(logFile, "a");
  try {
    return spawn(process.execPath, [...profile, SERVER, ...flags], {
      env: {
        // Settings of the user's own hub have nothing to do with this one.
        ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith("KITE_"))),
        ...(postgres === undefined ? {} : { KITE_DATABASE_URL: postgres.url }),
        ...env,
      },
      stdio: ["ignore", "pipe", log],
      // Out of the reach of Ctrl-C: we stop it, once.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
  } finally {
    closeSync(log);
  }
}

/** @returns null when the process ended, or said nothing in time */
async function firstLine(child: ReturnType<typeof spawnHub>): Promise<string | null> {
  if (child.stdout === null) return null;
  const lines = createInterface(child.stdout);
  const signal = AbortSignal.timeout(START_MS);
  try {
    const [line] = await Promise.race([
      once(lines, "line", { signal }),
      once(child, "exit", { signal }).then(() => [null]),
    ]);
    return typeof line === "string" ? line : null;
  } catch {
    return null;
  }
}
