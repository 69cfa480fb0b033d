import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeDataFolder, removeDataFolder, temporaryDataFolder } from "../support/data-folder.ts";
import { runServer } from "../support/hub-process.ts";

const CIPHER_KEY = "a-cipher-key-that-nobody-may-ever-see-printed";

describe("what the server says without starting", () => {
  test("--help names every flag's environment variable and default", async () => {
    const { code, stdout, stderr } = await runServer(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const word of ["--port", "KITE_PORT", "7700", "--data-dir", "KITE_DATABASE_URL", "--print-config", "--json"])
      expect(stdout).toContain(word);
  });

  test("--help and --version answer whoever asks because something is wrong", async () => {
    const wrong = { KITE_PORT: "many" };
    expect(await runServer(["--help", "--nonsense"], wrong)).toMatchObject({ code: 0, stderr: "" });
    expect(await runServer(["--version"], wrong)).toMatchObject({ code: 0, stderr: "" });
  });

  test("--version is the version alone", async () => {
    const { code, stdout } = await runServer(["--version"]);
    expect([code, /^\d+\.\d+\.\d+\S*\n$/.test(stdout)]).toEqual([0, true]);
  });

  test("--print-config tells where each value comes from, keeps secrets, and touches nothing", async () => {
    const folder = await temporaryDataFolder();
    const dataDir = join(folder, "data");
    await writeFile(join(folder, "config.json"), JSON.stringify({ retention_days: 3 }));
    const { code, stdout, stderr } = await runServer(
      ["--print-config", "--port", "1234", "--data-dir", dataDir, "--config", join(folder, "config.json")],
      { KITE_TEAM: "acme", KITE_HOOK_SECRET_CIPHER_KEY: CIPHER_KEY },
    );
    expect([code, stderr]).toEqual([0, ""]);
    const lines = new Map(stdout.split("\n").map((line) => [line.split(" ", 1)[0], line]));
    expect(lines.get("port")).toMatch(/1234 .*flag --port$/);
    expect(lines.get("team")).toMatch(/acme .*environment KITE_TEAM$/);
    expect(lines.get("retention_days")).toMatch(/ 3 .*file$/);
    expect(lines.get("host")).toMatch(/127\.0\.0\.1 .*default$/);
    expect(lines.get("cipher_key")).toContain("(secret)");
    expect(stdout).not.toContain(CIPHER_KEY);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  test("everything that is wrong is said at once, with the value, and a secret's value never", async () => {
    const { code, stdout, stderr } = await runServer(
      ["--port", "99999", "--no-such-flag", "--pool-size", "many", "stray"],
      {
        KITE_LOG_LEVEL: "loud",
        KITE_HOOK_SECRET_CIPHER_KEY: "short-secret",
      },
    );
    expect([code, stdout]).toEqual([2, ""]);
    for (const word of ["--port", "99999", "--no-such-flag", "--pool-size", "stray", "KITE_LOG_LEVEL", "loud"])
      expect(stderr).toContain(word);
    expect(stderr).toContain("KITE_HOOK_SECRET_CIPHER_KEY");
    expect(stderr).not.toContain("short-secret");
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("what keeps the server from starting is said in a sentence, without a stack trace", () => {
  const refused = async (flags: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runServer(["--json", ...flags]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };

  test("a data folder that cannot be written", async () => {
    const folder = await temporaryDataFolder();
    // No account, root included, may make a folder in a file.
    await writeFile(join(folder, "occupied"), "");
    const dataDir = join(folder, "occupied", "data");
    const stderr = await refused(["--port", "0", "--data-dir", dataDir]);
    expect(stderr).toContain(dataDir);
    expect(stderr).toMatch(/cannot be written.*KITE_DATA_DIR or --data-dir/s);
  });

  test("a folder that holds something else is left alone", async () => {
    const folder = await temporaryDataFolder();
    const data = join(folder, "postgres", "data");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "thesis.txt"), "years of work");
    const stderr = await refused(["--port", "0", "--data-dir", folder]);
    expect(stderr).toContain(data);
    expect(await readdir(data)).toEqual(["thesis.txt"]);
  });

  test("a port that is taken", async () => {
    const folder = await makeDataFolder();
    const occupant = createServer();
    await new Promise<void>((listening) => occupant.listen(0, "127.0.0.1", listening));
    onTestFinished(async () => {
      await new Promise((closed) => occupant.close(closed));
      await removeDataFolder(folder);
    });
    const address = occupant.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const stderr = await refused(["--port", String(port), "--data-dir", folder]);
    expect(stderr).toContain(`The port ${port} of 127.0.0.1 is in use`);
    expect(stderr).toMatch(/--port or KITE_PORT/);
  }, 60_000);

  test.each([
    ["no-such-host.invalid", /no-such-host\.invalid is no address to listen on\. Set --host or KITE_HOST/],
    ["203.0.113.1", /does not have the address 203\.0\.113\.1\. Set --host or KITE_HOST/],
  ])(
    "a host that is not this machine's: %s",
    async (host, sentence) => {
      const folder = await makeDataFolder();
      onTestFinished(() => removeDataFolder(folder));
      expect(await refused(["--port", "0", "--host", host, "--data-dir", folder])).toMatch(sentence);
    },
    60_000,
  );

  test("a database that is not there", async () => {
    const folder = await temporaryDataFolder();
    const stderr = await refused([
      "--port",
      "0",
      "--data-dir",
      folder,
      "--database-url",
      "postgres://kite:a-password@127.0.0.1:1/kite",
    ]);
    expect(stderr).toMatch(/cannot be reached.*KITE_DATABASE_URL/);
    expect(stderr).not.toContain("a-password");
  });
});
