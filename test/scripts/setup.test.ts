import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainInstallFailure, explainUnwritableCache, networkFailure } from "../../scripts/install-failure.mjs";
import { isInstalled, requireNode, SetupError } from "../../scripts/setup.mjs";
import { runNode, temporaryFolder, temporaryProject, write } from "./project-fixture.ts";

describe("the version of Node", () => {
  test.each(["20.19.0", "20.20.2", "22.0.0", "24.1.0"])("%s is enough for >=20.19", (version) => {
    expect(() => requireNode(version, ">=20.19")).not.toThrow();
  });

  test.each(["20.18.9", "18.20.0", "8.0.0"])("%s is refused in one sentence with both versions", (version) => {
    expect(() => requireNode(version, ">=20.19")).toThrow(SetupError);
    expect(() => requireNode(version, ">=20.19")).toThrow(`needs Node 20.19 or newer; this is Node ${version}`);
  });
});

describe("whether node_modules fits package-lock.json", () => {
  const foreign = process.platform === "win32" ? "linux" : "win32";
  const lock = {
    "": { version: "1.0.0" },
    "node_modules/a": { version: "1.2.3" },
    "node_modules/b-native": { version: "1.0.0", optional: true, os: [process.platform], cpu: [process.arch] },
    "node_modules/b-foreign": { version: "1.0.0", optional: true, os: [foreign] },
  };
  const present = { "node_modules/a": lock["node_modules/a"], "node_modules/b-native": lock["node_modules/b-native"] };

  const state = async (installed?: object): Promise<boolean> => {
    const folder = await temporaryFolder({ "package-lock.json": JSON.stringify({ packages: lock }) });
    if (installed) await write(folder, { "node_modules/.package-lock.json": JSON.stringify({ packages: installed }) });
    return isInstalled(folder);
  };

  test("it does, without the packages of other platforms", async () => {
    expect(await state(present)).toBe(true);
  });

  test.each([
    ["is missing, or was interrupted", undefined],
    ["lacks a package", { "node_modules/b-native": lock["node_modules/b-native"] }],
    ["has another version", { ...present, "node_modules/a": { version: "1.2.2" } }],
    ["has a package too many", { ...present, "node_modules/c": { version: "1.0.0" } }],
    ["stems from another platform", { ...present, "node_modules/b-foreign": lock["node_modules/b-foreign"] }],
  ])("it does not when it %s", async (_, installed) => {
    expect(await state(installed)).toBe(false);
  });
});

describe("a failed installation explains itself", () => {
  const context = {
    folder: join("/", "clone"),
    env: { npm_config_cache: "/home/me/.npm", npm_lifecycle_event: "test" },
  };
  const npmError = (fields: Record<string, string>): string =>
    Object.entries(fields)
      .map(([name, value]) => `npm error ${name} ${value}`)
      .join("\n");

  test.each(["EACCES", "EROFS", "EPERM"])("%s on the cache names the variable and a command that helps", (code) => {
    const message = explainInstallFailure(npmError({ code, path: "/home/me/.npm/_cacache" }), context);
    expect(message).toContain("npm cannot write its cache (/home/me/.npm/_cacache)");
    expect(message).toContain("npm_config_cache");
    expect(message).toMatch(/npm test$/);
  });

  test.each([
    ["start", /npm start$/],
    ["check", /npm run check$/],
    [undefined, /npm start$/],
  ])("the command that helps is the one that was called: %s", (script, command) => {
    expect(explainUnwritableCache("/x", { npm_lifecycle_event: script })).toMatch(command);
  });

  test("a clone that belongs to someone else is not taken for the cache", () => {
    const path = join(context.folder, "node_modules");
    const message = explainInstallFailure(npmError({ code: "EACCES", path }), context);
    expect(message).toContain(`${path} is not writable`);
    expect(message).not.toContain("npm_config_cache");
  });

  test.each(["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT"])("%s is the network", (code) => {
    const reason = `request to https://registry.example/zod failed, reason: connect ${code}`;
    const output = npmError({ code, network: reason });
    expect(networkFailure(output)).toBe(reason);
    expect(explainInstallFailure(output, context)).toContain(
      `could not reach its registry, ${reason}. Check the network`,
    );
  });

  test("an offline installation from a cache that lacks a package", () => {
    const message = explainInstallFailure(npmError({ code: "ENOTCACHED" }), context);
    expect(message).toContain("could not reach its registry, and its cache does not hold every package");
  });

  test("a registry that answers is not the network", () => {
    expect(networkFailure("npm error code E404\nnpm error 404 Not Found")).toBeUndefined();
  });

  test("a full disk", () => {
    expect(explainInstallFailure(npmError({ code: "ENOSPC", path: "/x" }), context)).toContain(
      "the disk is full (at /x)",
    );
  });

  test("anything else keeps the end of npm's output", () => {
    expect(explainInstallFailure("npm error code E404\nnpm error 404 Not Found", context)).toContain("404 Not Found");
    expect(explainInstallFailure("npm error code EACCES\nnpm error spawn sh EACCES", context)).toContain(
      "spawn sh EACCES",
    );
    expect(explainInstallFailure("Segmentation fault", context)).toContain("Segmentation fault");
  });
});

test("npm start builds when the sources changed, and only then, and runs the hub with its arguments", async () => {
  const server = (code: number): string =>
    `process.stdout.write(JSON.stringify(process.argv.slice(2)));\nprocess.exitCode = ${code};\nexport {};\n`;
  const project = await temporaryProject({
    "src/main/server.ts": server(7),
    "src/main/index.ts": "export {};\n",
    "src/preload/index.ts": "export {};\n",
    "src/renderer/index.html": "<!doctype html><title>page</title>\n",
  });
  const start = ["scripts/start.mjs", "--headless", "--port", "0"];

  const first = await runNode(start, project);
  expect(first).toMatchObject({ code: 7, stdout: '["--port","0"]' });
  expect(first.stderr).toContain("Built in");

  const second = await runNode(start, project);
  expect(second).toEqual({ code: 7, stdout: '["--port","0"]', stderr: "" });

  await write(project, { "src/main/server.ts": server(8) });
  const third = await runNode(start, project);
  expect(third.code).toBe(8);
  expect(third.stderr).toContain("Built in");

  await rm(join(project, "src/main/server.ts"));
  const broken = await runNode(start, project);
  expect(broken).toMatchObject({ code: 1, stdout: "" });
  expect(broken.stderr).toContain("The build failed");
  expect(broken.stderr).toContain("server.ts");
});
