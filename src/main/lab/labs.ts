import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { LabFile, type LabReport, type LabStep } from "../../shared/lab/index.ts";
import { HubError, type HubOptions } from "../hub/index.ts";
import type { PostgresConnection } from "../postgres/index.ts";
import { type LabGround, openLabGround } from "./ground.ts";
import { Lab } from "./lab.ts";
import type { LabHub } from "./lab-hubs.ts";
import { printOf, type Standing, standingOf } from "./standing.ts";
import { type TimelineEntry, timelineOf } from "./timeline.ts";
import type { Generator } from "./traffic.ts";

/** The least time between two looks at a lab, and the most. Milliseconds. */
const LOOK_MS = 300;
const LOOK_ANYWAY_MS = 2_000;

export interface LabsOptions {
  /** How to connect to a database of the embedded server; null where there is none, and no labs then. */
  readonly server: ((database: string) => PostgresConnection) | null;
  /** The folder of the numbered .sql files, and that of the recipes. */
  readonly migrations: string;
  readonly recipes: string;
  readonly log: Logger;
  readonly version: string;
  /** What the hubs of a lab get besides: their console. */
  readonly mount?: HubOptions["mount"];
}

/** The lab that is open, or on its way. */
export interface OpenLab {
  readonly file: LabFile;
  state: "starting" | "idle" | "running" | "failed";
  /** The hubs that are up, in the order they came. */
  readonly started: LabHub[];
  lab: Lab | null;
  /** How it stood when it was last looked at. */
  standing: Standing | null;
  /** Steps that were taken by hand, after those of the file. */
  readonly taken: LabStep[];
  report: LabReport | null;
  error: string | null;
}

/** The id by which a console looks at a hub of the open lab. */
export function labHubId(key: string): string {
  return `lab:${key}`;
}

/** The labs of an app: recipes to choose from, and one lab at a time that is open. */
export class Labs {
  readonly #o: LabsOptions;
  #ground: Promise<LabGround> | null = null;
  #current: OpenLab | null = null;
  /** Opening and closing take their turns. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  constructor(options: LabsOptions) {
    this.#o = options;
  }

  get current(): OpenLab | null {
    return this.#current;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The labs that ship with the app. */
  async recipes(): Promise<LabFile[]> {
    const names = (await readdir(this.#o.recipes)).filter((name) => name.endsWith(".json") && name !== "schema.json");
    return Promise.all(
      names.sort().map(async (name) => LabFile.parse(JSON.parse(await readFile(join(this.#o.recipes, name), "utf8")))),
    );
  }

  /**
   * Begins to start a lab, in place of the open one.
   * @param run takes the file's steps as soon as the hubs are up
   * @throws HubError `unsupported` without an embedded server
   */
  open(file: LabFile, run = false): OpenLab {
    const { server } = this.#o;
    if (server === null)
      throw new HubError("unsupported", "Labs need the embedded PostgreSQL: start without KITE_DATABASE_URL.");
    const before = this.#current;
    const opening: OpenLab = {
      file,
      state: "starting",
      started: [],
      lab: null,
      standing: null,
      taken: [],
      report: null,
      error: null,
    };
    this.#set(opening);
    this.#turn = this.#turn.then(async () => {
      await before?.lab?.close();
      if (this.#current !== opening) return;
      try {
        const { migrations, log, version, mount } = this.#o;
        this.#ground ??= openLabGround(server, migrations);
        const ground = await this.#ground;
        const lab = await Lab.open(file, {
          ground,
          migrations,
          log,
          version,
          onHub: (hub) => {
            opening.started.push(hub);
            this.#tell();
          },
          ...(mount === undefined ? {} : { mount }),
        });
        opening.lab = lab;
        opening.state = "idle";
        // Somebody has opened another one, or closed this one, while it was starting.
        if (this.#current !== opening) await lab.close();
        else {
          void this.#watch(opening, lab);
          if (run) this.run();
        }
      } catch (error) {
        this.#fail(opening, error);
      }
      this.#tell();
    });
    return opening;
  }

  /** Faults may come while the file's steps are taken; all else waits. @throws HubError `conflict` when no lab is ready */
  async take(step: LabStep): Promise<OpenLab> {
    const { open, lab } = this.#ready(step.do === "fault" || step.do === "heal");
    try {
      await lab.take(step);
      open.taken.push(step);
    } catch (error) {
      throw new HubError("bad_request", error instanceof Error ? error.message : String(error));
    } finally {
      this.#tell();
    }
    return open;
  }

  /** @throws HubError `conflict` when no lab is ready, `bad_request` when there is no such hub in it */
  startTraffic(generator: Generator): OpenLab {
    const { open, lab } = this.#ready();
    try {
      lab.startTraffic(generator);
    } catch (error) {
      throw new HubError("bad_request", error instanceof Error ? error.message : String(error));
    }
    this.#tell();
    return open;
  }

  stopTraffic(at: string): OpenLab {
    const { open, lab } = this.#ready();
    lab.stopTraffic(at);
    this.#tell();
    return open;
  }

  /** Begins to take the file's own steps. @throws HubError `conflict` when no lab is ready for it */
  run(): OpenLab {
    const { open, lab } = this.#ready();
    open.state = "running";
    open.report = null;
    open.error = null;
    this.#tell();
    void lab
      .run()
      .then((report) => {
        open.report = report;
        open.state = "idle";
      })
      .catch((error: unknown) => this.#fail(open, error))
      .finally(() => this.#tell());
    return open;
  }

  async close(): Promise<void> {
    const closing = this.#current;
    this.#set(null);
    this.#turn = this.#turn.then(() => closing?.lab?.close());
    await this.#turn;
  }

  /** @throws HubError `conflict` when no lab is open */
  timeline(limit: number): Promise<TimelineEntry[]> {
    const lab = this.#current?.lab;
    if (!lab) throw new HubError("conflict", "No lab is open.");
    return timelineOf(lab.hubs, limit);
  }

  /** Ends everything, for good. */
  async stop(): Promise<void> {
    await this.close();
    const ground = await this.#ground?.catch(() => null);
    await ground?.close();
  }

  /** Looks at the lab as long as it is open: soon after something happened, and now and then in any case. */
  async #watch(open: OpenLab, lab: Lab): Promise<void> {
    let before = "";
    let lookedAt = 0;
    let restMs = LOOK_MS;
    while (this.#current === open) {
      await sleep(LOOK_MS, undefined, { ref: false });
      const seen = lab.hubs.topology.links.map(({ id }) => [lab.hubs.proxy(id).seen, lab.hubs.proxy(id).fault]);
      const now = JSON.stringify([seen, lab.story.length, lab.published.length, open.state]);
      const age = performance.now() - lookedAt;
      if (age < restMs || (now === before && age < LOOK_ANYWAY_MS)) continue;
      const began = performance.now();
      try {
        const standing = await standingOf(lab, open.state === "idle");
        const changed = open.standing === null || printOf(standing) !== printOf(open.standing) || now !== before;
        open.standing = standing;
        if (changed) this.#tell();
        before = now;
      } catch (error) {
        this.#o.log.debug({ err: error }, "a lab could not be looked at");
      }
      lookedAt = performance.now();
      restMs = Math.max(LOOK_MS, 2 * (lookedAt - began));
    }
  }

  #ready(alsoRunning = false): { open: OpenLab; lab: Lab } {
    const open = this.#current;
    if (!open?.lab || (open.state !== "idle" && !(alsoRunning && open.state === "running")))
      throw new HubError("conflict", open === null ? "No lab is open." : `The lab is ${open.state}; wait for it.`);
    return { open, lab: open.lab };
  }

  #fail(open: OpenLab, error: unknown): void {
    this.#o.log.error({ err: error }, "a lab failed");
    // Hubs that are up can still be looked at.
    open.state = open.lab === null ? "failed" : "idle";
    if (open.lab === null) open.started.length = 0;
    open.error = error instanceof Error ? error.message : String(error);
  }

  #set(open: OpenLab | null): void {
    this.#current = open;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
