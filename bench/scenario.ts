import { join } from "node:path";
import type { ListenTarget } from "./load/listening.ts";
import { CONNECT } from "./load/listening.ts";
import type { Options } from "./options.ts";
import type { Resources } from "./processes/resources.ts";
import { Worker } from "./processes/worker.ts";
import type { Profiler } from "./profile/profiler.ts";
import type { ScenarioReport } from "./report/scenario-report.ts";
import { Hub, type HubOptions } from "./systems/hub.ts";
import { expectDurable } from "./systems/sql.ts";

/** One question that the bench answers. */
export interface Scenario {
  readonly name: string;
  /** The heading of its table. */
  readonly title: string;
  /** One line for `--help`. */
  readonly about: string;
  readonly run: (bench: Bench) => Promise<void>;
}

/** What a scenario works with. Everything it starts ends with it. */
export class Bench {
  readonly options: Options;
  readonly report: ScenarioReport;
  readonly resources: Resources;
  /** For databases and logs; removed at the end. */
  readonly folder: string;
  readonly #profiler: Profiler | null;

  constructor(of: Pick<Bench, "options" | "report" | "resources" | "folder">, profiler: Profiler | null) {
    this.options = of.options;
    this.report = of.report;
    this.resources = of.resources;
    this.folder = of.folder;
    this.#profiler = profiler;
  }

  /** Tells the person who waits what is going on. */
  say(line: string): void {
    console.error(`[${this.report.name}] ${line}`);
  }

  /** Runs the rounds, in which what is compared takes turns. */
  async rounds(round: (index: number) => Promise<void>, rounds = this.options.rounds): Promise<void> {
    for (let index = 0; index < rounds; index++) {
      this.say(`round ${index + 1} of ${rounds}`);
      await round(index);
    }
  }

  async startHub(options: Omit<HubOptions, "folder" | "profileFolder" | "postgres">): Promise<Hub> {
    const profiled = await this.#profiler?.hubOptions(options.name, this.folder, this.resources);
    const hub = await Hub.start({ ...options, ...profiled, folder: this.folder }, this.resources);
    await expectDurable(hub.connection);
    return hub;
  }

  startSender(): Worker {
    return Worker.start("sender", new URL("load/sender.ts", import.meta.url), this.resources);
  }

  /** @param client names the cursors of the listeners at a hub */
  async startListener(target: ListenTarget, sockets = 1, client = "bench"): Promise<Worker> {
    const listener = Worker.start("listener", new URL("load/listener.ts", import.meta.url), this.resources);
    await listener.ask(CONNECT, { target, sockets, client });
    return listener;
  }

  /** A folder within the scenario's. */
  path(name: string): string {
    return join(this.folder, name);
  }
}
