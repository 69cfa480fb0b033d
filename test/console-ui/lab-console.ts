import { resolve } from "node:path";
import pino from "pino";
import type { Page } from "playwright-core";
import { inject, onTestFinished } from "vitest";
import { type Console, openConsole } from "../../src/main/console/index.ts";
import { type Lab, Labs } from "../../src/main/lab/index.ts";
import { LabFile } from "../../src/shared/lab/index.ts";
import { openRealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";

export interface LabConsole {
  readonly lab: Lab;
  /** Where the console is opened, with its token. */
  readonly url: string;
}

/** A console over a lab of real hubs, with its steps taken; all of it ends with the test. */
export async function openLabConsole(file: object): Promise<LabConsole> {
  const answer = (await (await fetch(inject("testServerBroker"))).json()) as { adminUrl: string };
  const { hostname, port, username, password } = new URL(answer.adminUrl);
  const shared = { dataDir: null, database: "embedded", config: [], pages: null } as const;
  const labs: Labs = new Labs({
    server: (database) => ({ host: hostname, port: Number(port), user: username, password, database }),
    migrations: resolve("resources/migrations"),
    recipes: resolve("resources/labs"),
    log: pino({ level: "silent" }),
    version: "0.0.0-test",
    mount: async (inside) => {
      const console = await openConsole(inside, { ...shared, labs, ofLab: true });
      return () => console.close();
    },
  });
  onTestFinished(() => labs.stop());
  const opened: Console[] = [];
  await openRealHub({
    instanceId: "here",
    mount: async (inside) => {
      const console = await openConsole(inside, { ...shared, pages: resolve("out/renderer"), labs });
      opened.push(console);
      return () => console.close();
    },
  });
  const url = opened[0]?.url() ?? null;
  if (url === null) throw new Error("the hub serves no console");
  const opening = labs.open(LabFile.parse({ lesson: "", expect: [], ...file }));
  await until("the lab is up", () => opening.state !== "starting");
  const { lab } = opening;
  if (lab === null) throw new Error(`the lab did not start: ${opening.error}`);
  await lab.run();
  return { lab, url };
}

/** Goes to a screen of one of the lab's hubs, or of the console's own: `goTo(page, "A", "topology")`. */
export async function goTo(page: Page, hub: string | null, path: string): Promise<void> {
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#/${hub === null ? "local" : `lab:${hub}`}/${path}`,
  );
}
