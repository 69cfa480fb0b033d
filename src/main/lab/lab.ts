import { setTimeout as sleep } from "node:timers/promises";
import { type LabFile, type LabReport, type LabStep, labTopology, sayFault } from "../../shared/lab/index.ts";
import { checkExpectations } from "./check.ts";
import { LabHubs, type LabOptions } from "./lab-hubs.ts";
import type { PublishedEvent } from "./published.ts";
import { settled } from "./settle.ts";
import { type Generator, Traffic } from "./traffic.ts";

/** So many requests of one publish step are under way at a time. */
const PUBLISHERS = 8;
/** Size of the data of what a generator publishes. */
const GENERATED_BYTES = 64;

/** A lab that runs: real hubs, and what has been done to them. Everything ends with {@link Lab.close}. */
export class Lab {
  readonly file: LabFile;
  readonly hubs: LabHubs;
  /** From nothing to hubs that listen, in milliseconds. */
  readonly startMs: number;
  readonly #published: PublishedEvent[] = [];
  /** Events that got an id; those whose hub took them are published. */
  #made = 0;
  readonly #story: string[] = [];
  readonly #paused: Set<string>;
  readonly #traffic = new Traffic(({ at, type }) => this.#post(at, type, GENERATED_BYTES));

  private constructor(file: LabFile, hubs: LabHubs, startMs: number) {
    this.file = file;
    this.hubs = hubs;
    this.startMs = startMs;
    const paused = hubs.topology.links.filter(({ policy }) => policy.status === "paused");
    this.#paused = new Set(paused.map(({ id }) => id));
  }

  /** Starts the hubs, links them, and puts the first faults in place. */
  static async open(file: LabFile, options: LabOptions): Promise<Lab> {
    const began = performance.now();
    const hubs = await LabHubs.open(labTopology(file.topology), file.retryMs, options);
    const lab = new Lab(file, hubs, performance.now() - began);
    for (const { link, fault } of file.faults) await lab.take({ do: "fault", link, fault });
    return lab;
  }

  /** What has been published so far. */
  get published(): readonly PublishedEvent[] {
    return this.#published;
  }

  /** What has been done so far, in words. */
  get story(): readonly string[] {
    return this.#story;
  }

  /** The links whose senders have been told to wait. */
  get paused(): ReadonlySet<string> {
    return this.#paused;
  }

  /** What is being published over and over. */
  get traffic(): readonly Generator[] {
    return this.#traffic.running;
  }

  /** Publishes at a hub from now on, in place of what is generated there already. @throws RangeError when there is no such hub */
  startTraffic(generator: Generator): void {
    this.hubs.hub(generator.at);
    this.#tell(`${generator.perSecond}/s of ${generator.type} published at ${generator.at}`);
    this.#traffic.start(generator);
  }

  stopTraffic(at: string): void {
    if (this.#traffic.stop(at)) this.#tell(`no more traffic at ${at}`);
  }

  /** Takes the file's steps, waits until all is quiet, and checks what was expected. */
  async run(signal?: AbortSignal): Promise<LabReport> {
    const began = performance.now();
    for (const { at } of this.traffic) this.stopTraffic(at);
    for (const step of this.file.steps) {
      signal?.throwIfAborted();
      await this.take(step);
    }
    const expectations = await checkExpectations(this.file.expect, this.hubs, this.#published, this.file.timeoutMs);
    return {
      name: this.file.name,
      lesson: this.file.lesson,
      ok: expectations.every(({ ok }) => ok),
      instances: this.hubs.topology.instances.length,
      startMs: this.startMs,
      totalMs: this.startMs + performance.now() - began,
      published: this.#published.length,
      story: [...this.#story],
      expectations,
    };
  }

  /** Does one thing. @throws RangeError when a link or an instance is not in the lab */
  async take(step: LabStep): Promise<void> {
    switch (step.do) {
      case "publish":
        this.#tell(`${step.count} × ${step.type} published at ${step.at}`);
        return this.#publish(step);
      case "message":
        this.#tell(`${step.count} messages from ${step.from} at ${step.at} to ${step.to}`);
        return this.#message(step);
      case "fault":
        this.#tell(`${step.link} ${sayFault(step.fault)}`);
        return this.hubs.proxy(step.link).setFault(step.fault);
      case "heal":
        this.#tell(`${step.link} is healed`);
        return this.hubs.proxy(step.link).setFault(null);
      case "pause":
      case "resume": {
        const link = this.hubs.topology.links.find(({ id }) => id === step.link);
        const paused = step.do === "pause";
        this.#tell(`${step.link} is ${paused ? "paused" : "resumed"}`);
        const { client } = this.hubs.hub(link?.from ?? step.link);
        await client.setStatus(this.hubs.peerOf(step.link), paused ? "paused" : "active");
        if (paused) this.#paused.add(step.link);
        else this.#paused.delete(step.link);
        return;
      }
      case "settle":
        this.#tell(step.except.length === 0 ? "all is quiet" : `all is quiet but ${step.except.join(", ")}`);
        return settled(this.hubs, step.except, this.file.timeoutMs);
      case "wait":
        this.#tell(`${step.ms} ms pass`);
        await sleep(step.ms);
    }
  }

  /** Stops the hubs and removes their databases. Idempotent. */
  close(): Promise<void> {
    this.#traffic.end();
    return this.hubs.close();
  }

  async #publish({ at, type, count, perSecond, bytes }: Extract<LabStep, { do: "publish" }>): Promise<void> {
    const began = performance.now();
    let next = 0;
    const publish = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        const due = perSecond === undefined ? 0 : began + (index / perSecond) * 1_000 - performance.now();
        if (due > 0) await sleep(due);
        await this.#post(at, type, bytes);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PUBLISHERS, count) }, publish));
  }

  async #post(at: string, type: string, bytes: number): Promise<void> {
    const { client } = this.hubs.hub(at);
    const id = `lab-${++this.#made}`;
    const data = dataOf(bytes);
    await client.publish({ id, source: `urn:kite:lab:${at}`, type, data });
    this.#published.push({ id, at, type, dataBytes: JSON.stringify(data).length });
  }

  async #message({ at, from, to, body, count }: Extract<LabStep, { do: "message" }>): Promise<void> {
    const { client } = this.hubs.hub(at);
    for (let n = 0; n < count; n++) {
      const id = await client.message({ from, to, body });
      const dataBytes = JSON.stringify({ from, to, body }).length;
      this.#published.push({ id, at, type: "com.kite.agent.message", dataBytes });
    }
  }

  #tell(line: string): void {
    this.#story.push(line);
  }
}

/** Data of so many bytes as JSON; never less than the braces of an empty object. */
function dataOf(bytes: number): object {
  const frame = JSON.stringify({ text: "" }).length;
  return bytes < frame ? {} : { text: "x".repeat(bytes - frame) };
}
