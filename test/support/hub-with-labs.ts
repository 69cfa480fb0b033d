import { resolve } from "node:path";
import pino from "pino";
import { inject, onTestFinished } from "vitest";
import { type Console, openConsole } from "../../src/main/console/index.ts";
import { Labs } from "../../src/main/lab/index.ts";
import { openRealHub, type RealHub } from "./real-hub.ts";

export interface HubWithLabs extends RealHub {
  readonly console: Console;
  readonly url: string;
  readonly token: string;
}

/**
 * A hub with a console that may open labs on the server of this test run; all of it ends with the test.
 * @param pages the folder of the console's pages, for a browser
 */
export async function openHubWithLabs(pages: string | null = null): Promise<HubWithLabs> {
  const answer = (await (await fetch(inject("testServerBroker"))).json()) as { adminUrl: string };
  const { hostname, port, username, password } = new URL(answer.adminUrl);
  const setting = { dataDir: null, database: "embedded", config: [] } as const;
  const labs: Labs = new Labs({
    server: (database) => ({ host: hostname, port: Number(port), user: username, password, database }),
    migrations: resolve("resources/migrations"),
    recipes: resolve("resources/labs"),
    log: pino({ level: "silent" }),
    version: "0.0.0-test",
    mount: async (inside) => {
      const console = await openConsole(inside, { ...setting, pages: null, labs, ofLab: true });
      return () => console.close();
    },
  });
  onTestFinished(() => labs.stop());
  const opened: Console[] = [];
  const real = await openRealHub({
    instanceId: "here",
    mount: async (inside) => {
      const console = await openConsole(inside, { ...setting, pages, labs });
      opened.push(console);
      return () => console.close();
    },
  });
  const [console] = opened;
  if (console === undefined) throw new Error("the hub did not open its console");
  return { ...real, console, url: console.url() ?? real.hub.url, token: "" };
}
