import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, type AppOptions, openGround, startAppOn } from "../app.ts";
import type { Config } from "../config/index.ts";
import { createDatabase } from "../postgres/index.ts";
import { startFailingPeers } from "./failing-peers.ts";
import { connect, openEntrances } from "./federation.ts";
import { startListener } from "./listeners.ts";
import { Traffic } from "./traffic.ts";

/** The configuration of a demo: what was asked for, on a new folder that {@link startDemo} removes in the end. */
export function demoConfig(config: Config): Config {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "kite-demo-")));
  // The account that PostgreSQL runs under when we are root must get through.
  chmodSync(dataDir, 0o711);
  process.once("exit", () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  return { ...config, dataDir, databaseUrl: null, cipherKey: null, instanceId: "laptop", publicUrl: null };
}

/**
 * Three hubs in this process, on one PostgreSQL, with traffic that shows what a federation does: a ring, a hop limit, an
 * event that comes by two ways, a peer that is down and one that refuses, a listener that lags, a forged signature.
 * Everything comes in by the hubs' own entrances, as it would from outside. @returns the hub to look at
 */
export async function startDemo(config: Config, options: AppOptions): Promise<App> {
  const began = performance.now();
  const ground = await openGround(config, options);
  const closers: (() => Promise<unknown>)[] = [
    () => ground.close(),
    () => rm(config.dataDir, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined),
  ];
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    for (const close of closers) await close();
  };
  try {
    options.onStep?.("Opening three hubs");
    const open = async (name: string, changes: Partial<Config>): Promise<App> => {
      const database = `kite_${name}`;
      await createDatabase(ground.connection, database);
      const app = await startAppOn(
        { ...ground, connection: { ...ground.connection, database }, close: async () => undefined },
        { ...config, instanceId: name, ...changes },
        { ...options, log: options.log.child({ hub: name }) },
      );
      closers.unshift(() => app.stop());
      return app;
    };
    const laptop = await open("laptop", {});
    const staging = await open("staging", { port: 0, console: false });
    const production = await open("production", { port: 0, console: false });
    const failing = await startFailingPeers();
    closers.unshift(() => failing.close());
    options.onStep?.("Connecting them, and sending the first events");
    await connect(laptop, staging, production, failing);
    const listeners = [
      startListener(laptop, "ana-laptop-cli", ["*"], 400),
      startListener(laptop, "deploy-agent", ["type:com.github.*"], 20_000),
    ];
    closers.unshift(async () => {
      for (const end of listeners) end();
    });
    const entrances = await Promise.all([laptop, staging, production].map(openEntrances));
    const traffic = new Traffic(entrances);
    closers.unshift(() => traffic.stop());
    await traffic.seed();
    traffic.trickle();
    return {
      ...laptop,
      startMs: performance.now() - began,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
