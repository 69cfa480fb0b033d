import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { z } from "zod";
import { isBuilt } from "../../scripts/setup.mjs";
import { HubClient } from "./hub-client.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const SERVER = join(ROOT, "out", "main", "server.js");

/** The line that `--json` prints when the hub is ready. */
const Ready = z.strictObject({
  url: z.url(),
  instance_id: z.string(),
  team_id: z.string(),
  api_key: z.string(),
  admin_key: z.string(),
  hook_url: z.url(),
  data_dir: z.string(),
  /** Where the console is wanted. */
  console_url: z.url().optional(),
});
export type Ready = z.infer<typeof Ready>;

export interface HubProcessOptions {
  readonly dataDir: string;
  readonly instanceId?: string;
  /** 0 or absent: a free one. */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended, and all that it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

let checked = false;

/** @throws Error that says how to build, when the server is not built from the present sources */
export function requireBuiltServer(): string {
  if (checked) return SERVER;
  if (!existsSync(SERVER)) throw new Error(`${SERVER} is missing. Build it with: npm run build`);
  // `npm test` leaves a stamp; a build by hand is known by its time.
  if (!isBuilt(ROOT) && newest(join(ROOT, "src")) > statSync(SERVER).mtimeMs)
    throw new Error(`${SERVER} is older than the sources. Build it with: npm run build`);
  checked = true;
  return SERVER;
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/** Children that were not ended yet: those of a test that was broken off must not outlive this process. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Runs the built server with these flags to its end. */
export async function runServer(flags: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new ServerChild(flags, env).ended;
}

/** The built server as a child of this process; everything it prints is kept. */
class ServerChild {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(flags: readonly string[], env: Readonly<Record<string, string>>) {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KITE_")));
    this.child = spawn(process.execPath, [requireBuiltServer(), ...flags], {
      env: { ...clean, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    alive.add(this.child);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.child, "close").then(() => {
      alive.delete(this.child);
      const { exitCode: code, signalCode: signal } = this.child;
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }
}

/** A hub in a process of its own, from the built server, as a user starts it. */
export class HubProcess {
  readonly options: HubProcessOptions;
  readonly ended: Promise<Ended>;
  readonly #server: ServerChild;
  #ready: Ready | null = null;

  private constructor(options: HubProcessOptions) {
    this.options = options;
    const { dataDir, instanceId, port = 0, flags = [], env = {} } = options;
    const identity = instanceId === undefined ? [] : ["--instance-id", instanceId];
    const all = ["--json", "--port", String(port), "--data-dir", dataDir, ...identity, ...flags];
    this.#server = new ServerChild(all, env);
    this.ended = this.#server.ended;
  }

  /** Starts it without waiting; see {@link whenReady}. */
  static spawn(options: HubProcessOptions): HubProcess {
    return new HubProcess(options);
  }

  /** Starts it and waits until it is ready. @throws Error with what it printed, when it ends instead */
  static async start(options: HubProcessOptions): Promise<HubProcess> {
    const hub = new HubProcess(options);
    await hub.whenReady();
    return hub;
  }

  /** @throws Error with what it printed, when it ends instead, or is not ready in time */
  async whenReady(deadlineMs = 60_000): Promise<Ready> {
    const { child } = this.#server;
    const signal = AbortSignal.timeout(deadlineMs);
    while (!this.#server.stdout.includes("\n")) {
      if (child.exitCode !== null || child.signalCode !== null || signal.aborted) {
        const how = signal.aborted ? `was not ready after ${deadlineMs} ms` : "ended before it was ready";
        throw new Error(`the hub in ${this.options.dataDir} ${how}:\n${this.#server.stderr}`);
      }
      await Promise.race([
        child.stdout === null ? null : once(child.stdout, "data", { signal }).catch(() => null),
        this.ended,
      ]);
    }
    this.#ready ??= Ready.parse(JSON.parse(this.#server.stdout));
    return this.#ready;
  }

  /** What it printed when it was ready. */
  get ready(): Ready {
    if (this.#ready === null) throw new Error("the hub is not ready yet");
    return this.#ready;
  }

  get client(): HubClient {
    const { url, team_id, api_key, admin_key, hook_url } = this.ready;
    return new HubClient({ url, team: team_id, apiKey: api_key, adminKey: admin_key, hookUrl: hook_url });
  }

  get pid(): number {
    const { pid } = this.#server.child;
    if (pid === undefined) throw new Error("the hub was not started");
    return pid;
  }

  get stdout(): string {
    return this.#server.stdout;
  }

  get stderr(): string {
    return this.#server.stderr;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode } = this.#server.child;
    return exitCode === null && signalCode === null;
  }

  /** Ends it without a chance to do anything, and waits until it is gone. */
  async kill(): Promise<Ended> {
    this.#server.child.kill("SIGKILL");
    return this.ended;
  }

  /**
   * Asks it to stop. On Windows there is no such signal: it is ended.
   * @throws Error when it has not stopped in time; then it is ended
   */
  async stop(deadlineMs = 20_000): Promise<Ended> {
    const { child } = this.#server;
    child.kill("SIGTERM");
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, deadlineMs);
    const ended = await this.ended;
    clearTimeout(timer);
    if (late) throw new Error(`the hub had not stopped after ${deadlineMs} ms:\n${this.#server.stderr.slice(-2_000)}`);
    return ended;
  }
}

/** A port that nobody listened on a moment ago, for a hub that is to come back where it was. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
