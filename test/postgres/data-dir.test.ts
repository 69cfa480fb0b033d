import { expect, test } from "vitest";
import { defaultDataDir } from "../../src/main/postgres/index.ts";

test.each<[string, Parameters<typeof defaultDataDir>, string]>([
  ["Linux", [{ HOME: "/home/ada" }, "linux", false], "/home/ada/.local/state/kite-desktop"],
  ["XDG", [{ HOME: "/home/ada", XDG_STATE_HOME: "/state" }, "linux", false], "/state/kite-desktop"],
  [
    "a relative XDG path",
    [{ HOME: "/home/ada", XDG_STATE_HOME: "state" }, "linux", false],
    "/home/ada/.local/state/kite-desktop",
  ],
  ["root", [{ HOME: "/root" }, "linux", true], "/var/lib/kite-desktop"],
  ["root with XDG", [{ HOME: "/root", XDG_STATE_HOME: "/srv/state" }, "linux", true], "/srv/state/kite-desktop"],
  ["macOS", [{ HOME: "/Users/ada" }, "darwin", false], "/Users/ada/Library/Application Support/Kite Desktop"],
  ["root on macOS", [{ HOME: "/var/root" }, "darwin", true], "/Library/Application Support/Kite Desktop"],
  [
    "Windows",
    [{ LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" }, "win32", false],
    "C:\\Users\\ada\\AppData\\Local\\Kite Desktop",
  ],
  [
    "Windows without LOCALAPPDATA",
    [{ USERPROFILE: "C:\\Users\\ada" }, "win32", false],
    "C:\\Users\\ada\\AppData\\Local\\Kite Desktop",
  ],
])("the default data folder: %s", (_name, args, folder) => {
  expect(defaultDataDir(...args)).toBe(folder);
});

test.each(["linux", "darwin", "win32"] as const)(
  "without a home on %s, the error says which variable to set",
  (platform) => {
    expect(() => defaultDataDir({ HOME: "" }, platform, false)).toThrow(
      expect.objectContaining({ code: "KITE_POSTGRES_NO_HOME", message: expect.stringContaining("KITE_DATA_DIR") }),
    );
  },
);
