import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ownArguments } from "../../src/main/desktop/arguments.ts";
import { linkAmong, readDeepLink } from "../../src/main/desktop/deep-link.ts";
import { NoticeBook, QUIET_MS } from "../../src/main/desktop/notices.ts";
import { placeWindow } from "../../src/main/desktop/window-place.ts";
import { FolderKeyError, folderSecret, isKeyWrapped, unwrapKey, wrapKey } from "../../src/main/folder-key.ts";
import { commandFor } from "../../src/main/open-browser.ts";
import type { Attention } from "../../src/shared/contract/index.ts";
import { MAIN_SCREENS } from "../../src/shared/screens.ts";

describe("links into the app", () => {
  test.each([
    ["kite://open/local", "/local/overview"],
    ["kite://open/local/event/17?tab=journey", "/local/event/17?tab=journey"],
    ["kite://pair/eyJ2-_Ijox", "/local/pairing?way=hub&link=kite%3A%2F%2Fpair%2FeyJ2-_Ijox"],
    ["kite://open/h-2/outbox?state=dead&peer=a", "/h-2/outbox?state=dead&peer=a"],
  ])("%s leads to %s", (link, path) => {
    expect(readDeepLink(link)).toBe(path);
  });

  test.each([
    "https://open/local",
    "kite://delete/local/peers/1",
    "kite://pair/a%22",
    "kite://open/",
    "kite://pair/",
    "kite://pair/a/b",
    "kite://pair/a?pair=b",
    `kite://pair/${"a".repeat(20_000)}`,
    "kite://open/local//evil",
    "kite://open/local/%0d%0a",
    "kite://open/local/%22onload",
    "kite://open/lo cal/x",
    `kite://open/local/${"a".repeat(3_000)}`,
    "kite://open/local/%E0%A4%A",
  ])("%s leads nowhere", (link) => {
    expect(readDeepLink(link)).toBeNull();
  });

  test("are found among a program's arguments", () => {
    expect(linkAmong(["kite", "--allow-file-access", "kite://open/local/peers", "x"])).toBe("/local/peers");
    expect(linkAmong(["kite", "--port", "1"])).toBeNull();
  });
});

describe("the app's own arguments", () => {
  test("begin after the app's path, or after a packaged program, without those of others", () => {
    const args = ["--port", "0", "kite://open/local", "--no-sandbox", "--demo"];
    expect(ownArguments(["electron", "--inspect=0", "/app", ...args], false)).toEqual(["--port", "0", "--demo"]);
    expect(ownArguments(["/opt/kite", ...args], true)).toEqual(["--port", "0", "--demo"]);
    expect(ownArguments(["electron"], false)).toEqual([]);
  });
});

describe("where the window goes", () => {
  const main = { x: 0, y: 25, width: 1_440, height: 875 };
  const second = { x: 1_440, y: 0, width: 1_920, height: 1_080 };
  const place = { x: 1_500, y: 100, width: 1_000, height: 700, maximized: true };

  test("at first into the middle of the main display, no larger than it", () => {
    expect(placeWindow(null, [main, second])).toEqual({ x: 80, y: 63, width: 1_280, height: 800, maximized: false });
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1_024, height: 600 }])).toMatchObject({ width: 1_024, height: 600 });
  });
  test("then where it was, as long as a person could take hold of it there", () => {
    expect(placeWindow(place, [main, second])).toEqual(place);
  });
  test("back to the main display when its own is gone, or its title bar would be out of reach", () => {
    expect(placeWindow(place, [main])).toEqual({ x: 220, y: 113, width: 1_000, height: 700, maximized: true });
    expect(placeWindow({ ...place, x: 100, y: -50 }, [main])).toMatchObject({ y: 113 });
    expect(placeWindow({ ...place, x: 1_400, y: 100 }, [main])).toMatchObject({ x: 220 });
  });
});

describe("notifications", () => {
  const attention = (
    id: string,
    count: number | null = null,
    severity: Attention["severity"] = "error",
  ): Attention => ({
    id,
    severity,
    title: `${id} has trouble`,
    detail: `what to do about ${id}`,
    to: `peers/${id}`,
    since: null,
    count,
  });

  test("tell of what is new or has become more, never of what was there at the start", () => {
    const book = new NoticeBook();
    book.look([attention("a", 2)]);
    expect(book.take(0)).toBeNull();
    book.look([attention("a", 2), attention("b", null, "info")]);
    expect(book.take(0)).toBeNull();
    book.look([attention("a", 3)]);
    expect(book.take(0)).toEqual({ title: "a has trouble", body: "what to do about a", to: "peers/a" });
    book.look([attention("a", 1)]);
    expect(book.take(QUIET_MS)).toBeNull();
    book.look([attention("a", 1), attention("loop", 1, "warning")]);
    expect(book.take(2 * QUIET_MS)?.title).toBe("loop has trouble");
    book.look([attention("a", 1), attention("loop", 9, "warning")]);
    expect(book.take(3 * QUIET_MS)).toBeNull();
  });

  test("come one at a time, and a storm comes as one", () => {
    const book = new NoticeBook();
    book.look([]);
    book.look([attention("a")]);
    expect(book.take(1_000)?.title).toBe("a has trouble");
    const storm = Array.from({ length: 7 }, (_, n) => attention(`p${n}`));
    book.look([attention("a"), ...storm]);
    expect([book.take(2_000), book.nextAt]).toEqual([null, 1_000 + QUIET_MS]);
    const told = book.take(1_000 + QUIET_MS);
    expect(told).toMatchObject({ title: "7 things need a hand", to: "overview" });
    expect(told?.body.split("\n")).toHaveLength(5);
    expect(book.nextAt).toBeNull();
  });

  test("are not given for what was mended while they waited", () => {
    const book = new NoticeBook();
    book.look([]);
    book.look([attention("a")]);
    book.take(0);
    book.look([attention("a"), attention("b")]);
    book.look([attention("a")]);
    expect(book.take(QUIET_MS * 2)).toBeNull();
  });
});

describe("the key of a data folder", () => {
  const keychain = {
    seal: (plain: string) => Buffer.from(plain).reverse(),
    open: (sealed: Buffer) => Buffer.from(sealed).reverse().toString(),
  };
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), "kite-key-"));
    onTestFinished(() => rm(made, { recursive: true, force: true }));
    return made;
  };

  test("goes into the keychain and back, stays the same, and is in one place at a time", async () => {
    const dataDir = await folder();
    const secret = await folderSecret(dataDir);
    await wrapKey(dataDir, keychain);
    expect(isKeyWrapped(dataDir)).toBe(true);
    await expect(readFile(join(dataDir, "secret.key"))).rejects.toThrow("ENOENT");
    expect(await unwrapKey(dataDir, keychain, false)).toBe(secret);
    await unwrapKey(dataDir, keychain, true);
    expect([isKeyWrapped(dataDir), await folderSecret(dataDir)]).toEqual([false, secret]);
    if (process.platform !== "win32") expect((await stat(join(dataDir, "secret.key"))).mode & 0o777).toBe(0o600);
  });

  test("in the keychain is refused to the server, which does not make another one", async () => {
    const dataDir = await folder();
    await folderSecret(dataDir);
    await wrapKey(dataDir, keychain);
    await expect(folderSecret(dataDir)).rejects.toThrow(FolderKeyError);
    await expect(folderSecret(dataDir)).rejects.toThrow(/keychain.*npm start/);
  });

  test("stays in its file when the keychain does not give back what it took", async () => {
    const dataDir = await folder();
    const secret = await folderSecret(dataDir);
    await expect(wrapKey(dataDir, { ...keychain, open: () => "something else" })).rejects.toThrow("did not give back");
    expect([isKeyWrapped(dataDir), await folderSecret(dataDir)]).toEqual([false, secret]);
  });
});

test.each([
  ["darwin", "open"],
  ["win32", "rundll32"],
  ["linux", "xdg-open"],
] as const)("on %s a browser is opened by %s, the address as one argument", (platform, program) => {
  const [first, ...args] = commandFor(platform, "http://127.0.0.1:1/console/#token=a&b");
  expect([first, args.at(-1)]).toEqual([program, "http://127.0.0.1:1/console/#token=a&b"]);
});

test("the menu, the rail and the palette have one list of screens, each with keys of its own", () => {
  expect(MAIN_SCREENS.map(({ path }) => path)).toEqual(expect.arrayContaining(["endpoints", "refusals", "keys"]));
  expect(new Set(MAIN_SCREENS.map(({ keys }) => keys)).size).toBe(MAIN_SCREENS.length);
});
