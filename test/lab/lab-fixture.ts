import { resolve } from "node:path";
import pino from "pino";
import { onTestFinished } from "vitest";
import { Lab } from "../../src/main/lab/index.ts";
import { LabFile } from "../../src/shared/lab/index.ts";
import { createTestDatabase } from "../support/postgres.ts";

/** A lab whose hubs have databases of this test run. It ends with the test. */
export async function openTestLab(file: unknown): Promise<Lab> {
  const lab = await Lab.open(LabFile.parse(file), {
    ground: { newDatabase: createTestDatabase, close: async () => undefined },
    migrations: resolve("resources/migrations"),
    log: pino({ level: process.env["KITE_TEST_LOG"] ?? "silent" }, pino.destination(2)),
    version: "0.0.0-test",
  });
  onTestFinished(() => lab.close());
  return lab;
}
