import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Call } from "./calls.ts";
import { endProcess } from "./end-process.ts";
import type { Resources } from "./resources.ts";

const Reply = z.union([
  z.object({ id: z.int(), mark: z.string() }),
  z.object({ id: z.int(), error: z.string() }),
  z.object({ id: z.int(), output: z.unknown() }),
]);

interface Pending {
  readonly settle: (reply: { error: string } | { output: unknown }) => void;
  readonly onMark: (name: string) => void;
}

/** A child process that runs a script of the bench (see `serve`) and answers calls. */
export class Worker {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.on("message", (message) => this.#onReply(message));
    child.once("exit", (code, signal) => {
      for (const { settle } of this.#pending.values())
        settle({ error: `it ended (${signal ?? code}) without an answer` });
      this.#pending.clear();
    });
  }

  /** Starts one; it ends with `resources` at the latest. */
  static start(name: string, script: URL, resources: Resources): Worker {
    const child = fork(fileURLToPath(script), [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const worker = new Worker(name, child);
    resources.defer(name, () => worker.stop());
    return worker;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.#child.pid;
  }

  /**
   * @param onMark called for each point of the work that the worker tells of
   * @throws Error what went wrong in the worker, with its stack
   */
  async ask<I, O>(call: Call<I, O>, input: I, onMark: (name: string) => void = () => undefined): Promise<O> {
    const id = ++this.#lastId;
    const reply = await new Promise<{ error: string } | { output: unknown }>((settle) => {
      this.#pending.set(id, { settle, onMark });
      this.#child.send({ id, call: call.name, input }, (error) => {
        if (error !== null) settle({ error: `it cannot be reached: ${error.message}` });
      });
    });
    this.#pending.delete(id);
    if ("error" in reply) throw new Error(`${this.name}, ${call.name}: ${reply.error}`);
    return call.output.parse(reply.output);
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await endProcess(this.#child);
  }

  #onReply(message: unknown): void {
    const reply = Reply.parse(message);
    const pending = this.#pending.get(reply.id);
    if ("mark" in reply) pending?.onMark(reply.mark);
    else pending?.settle(reply);
  }
}
