import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  ConfigError,
  configTable,
  describeConfig,
  helpText,
  loadConfig,
  OPTION_NAMES,
  OPTIONS,
} from "../../src/main/config/index.ts";
import { HubSettings, MAX_KEPT_REFUSED_BYTES } from "../../src/shared/hub-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "kite-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (argv: string[] = [], env: Record<string, string> = {}, file?: object) => {
  const dir = mkdtempSync(join(folder, "d-"));
  if (file !== undefined) writeFileSync(join(dir, "config.json"), JSON.stringify(file));
  return loadConfig({ argv: ["--data-dir", dir, ...argv], env, terminal: false, defaultDataDir: () => dir });
};
const problemsOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test("a flag wins over the environment, the environment over the file, the file over the fallback", () => {
  expect(load().config.port).toBe(7_700);
  expect(load([], {}, { port: 1 }).config.port).toBe(1);
  expect(load([], { KITE_PORT: "2" }, { port: 1 }).config.port).toBe(2);
  expect(load(["--port", "3"], { KITE_PORT: "2" }, { port: 1 }).config.port).toBe(3);
});

test("every problem is reported at once, with the place it stands at", () => {
  const problems = problemsOf(() =>
    load(
      ["--port", "banana", "--frobnicate=1"],
      { KITE_RETENTION_DAYS: "0", KITE_INSTANCE_ID: "a b" },
      { colour: "red" },
    ),
  );
  expect(problems).toHaveLength(5);
  expect(problems.join("\n")).toMatch(/--port must be a whole number.*"banana"/);
  expect(problems.join("\n")).toMatch(/--frobnicate is not a flag/);
  expect(problems.join("\n")).toMatch(/KITE_RETENTION_DAYS must be at least 1/);
  expect(problems.join("\n")).toMatch(/KITE_INSTANCE_ID must be/);
  expect(problems.join("\n")).toMatch(/unknown setting "colour"/);
});

test("a flag without its value, and a stray word, are named", () => {
  expect(problemsOf(() => load(["--port", "--json"])).join()).toMatch(/--port needs a value/);
  expect(problemsOf(() => load(["start"])).join()).toMatch(/"start" is not a flag/);
});

test("a switch is on or off", () => {
  expect(load([], { KITE_CONSOLE: "yes" }).config.console).toBe(true);
  expect(problemsOf(() => load([], { KITE_CONSOLE: "maybe" })).join()).toMatch(/KITE_CONSOLE must be true or false/);
});

test("a file that is no JSON object is named", () => {
  expect(problemsOf(() => load([], {}, [])).join()).toMatch(/config\.json must hold one JSON object/);
  expect(problemsOf(() => load(["--config", join(folder, "missing.json")])).join()).toMatch(/cannot be read/);
});

test("what ends by itself, or starts something else, is not done together", () => {
  expect(problemsOf(() => load(["--export", "a", "--import", "b"])).join()).toBe(
    "--export and --import cannot be given together: run one after the other.",
  );
  expect(problemsOf(() => load(["--demo", "--export", "a"])).join()).toMatch(/--export and --demo/);
  expect(problemsOf(() => load(["--without-secrets"])).join()).toMatch(/give --import FILE too/);
});

test("a public URL is one that others can call", () => {
  expect(load([], { KITE_PUBLIC_URL: "https://kite.example.com/hub/" }).config.publicUrl).toContain("/hub");
  for (const url of ["localhost:7700", "ftp://kite.example.com", "javascript:alert(1)", "kite"])
    expect(problemsOf(() => load([], { KITE_PUBLIC_URL: url })).join()).toMatch(/must be a URL such as https:/);
});

test("ids must be remembered as long as events are kept", () => {
  expect(problemsOf(() => load(["--retention-days", "30"])).join()).toMatch(/KITE_DEDUP_DAYS \(14\) must not be less/);
});

test("proxies are trusted by address, range or name of a range, and nothing else is taken for one", () => {
  const trusting = (list: string) => load(["--trust-proxy", list]).config.trustedProxies;
  expect(load().config.trustedProxies).toEqual([]);
  expect(trusting("10.0.0.1, fd00::/8,loopback")).toEqual(["10.0.0.1", "fd00::/8", "loopback"]);
  for (const wrong of ["true", "1", "10.0.0.0/33", "0.0.0.0/0", "proxy.example.com", "10.0.0.1,", "10.0.0.1/8/8"])
    expect(problemsOf(() => trusting(wrong)).join()).toMatch(/--trust-proxy must be the addresses or ranges.*such as/);
});

test("secrets are masked in the print-out and left out of error messages", () => {
  const key = "correct horse battery staple, twice over";
  const printed = describeConfig(
    load([], { KITE_HOOK_SECRET_CIPHER_KEY: key, KITE_DATABASE_URL: "postgres://u:hush@h/d" }),
  );
  expect(printed).not.toContain(key);
  expect(printed).not.toContain("hush");
  expect(printed).toMatch(/cipher_key\s+\(secret\)\s+environment KITE_HOOK_SECRET_CIPHER_KEY/);
  const problems = problemsOf(() => load([], { KITE_DATABASE_URL: "mysql://u:hush@h/d" })).join();
  expect(problems).toMatch(/must begin with postgres:/);
  expect(problems).not.toContain("hush");
});

test("the help names every setting, its variable and its fallback", () => {
  const help = helpText();
  for (const name of OPTION_NAMES) {
    expect(help).toContain(`--${OPTIONS[name].flag}`);
    expect(help).toContain(OPTIONS[name].env);
  }
});

test("the README has the table of settings as the code knows them; `npm run docs` writes it", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8").replaceAll("\r\n", "\n");
  expect(readme).toContain(`<!-- config:start -->\n${configTable()}\n<!-- config:end -->`);
});

test("a refused body can be kept up to the same bound whether the configuration or the console says so", () => {
  const keeping = (bytes: number) => load(["--refusal-body-bytes", String(bytes)]);
  expect(keeping(MAX_KEPT_REFUSED_BYTES).config.refusalBodyBytes).toBe(MAX_KEPT_REFUSED_BYTES);
  expect(problemsOf(() => keeping(MAX_KEPT_REFUSED_BYTES + 1))).toHaveLength(1);
  expect(HubSettings.shape.keepRefusedBytes.safeParse(MAX_KEPT_REFUSED_BYTES).success).toBe(true);
  expect(HubSettings.shape.keepRefusedBytes.safeParse(MAX_KEPT_REFUSED_BYTES + 1).success).toBe(false);
});
