import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { HubProcess, runServer } from "../support/hub-process.ts";

test("a hub is moved to another folder by --export and --import: with its keys, its events and what it owes", async () => {
  const folder = await temporaryDataFolder();
  const [from, to, file] = [join(folder, "from"), join(folder, "to"), join(folder, "hub.kite")];
  const before = await HubProcess.start({ dataDir: from, instanceId: "moves" });
  onTestFinished(async () => void (await before.stop()));
  await before.client.createPeer({
    name: "away",
    peer_hook_url: "http://127.0.0.1:1/hooks/local/kite",
    outbound_token: "out-that-nobody-may-read-in-the-file",
    inbound_token: "in-that-nobody-may-read-in-the-file",
  });
  await before.client.post({ id: "kept" });
  await before.stop();

  const passphrase = { KITE_EXPORT_PASSPHRASE: "correct horse battery" };
  const exported = await runServer(["--export", file, "--data-dir", from], passphrase);
  expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining(`Exported to ${file}: `) });
  expect(exported.stdout).toContain("Secrets are in the file, encrypted");
  expect((await stat(file)).size).toBeGreaterThan(0);

  const wrong = await runServer(["--import", file, "--data-dir", to], { KITE_EXPORT_PASSPHRASE: "another one" });
  expect([wrong.code, wrong.stdout]).toEqual([1, ""]);
  expect(wrong.stderr).toContain("Nothing was imported.");
  const imported = await runServer(["--import", file, "--data-dir", to], passphrase);
  expect(imported).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Imported the hub moves as of "),
  });
  const again = await runServer(["--import", file, "--data-dir", to], passphrase);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("This hub is not empty");

  const after = await HubProcess.start({ dataDir: to });
  onTestFinished(async () => void (await after.stop()));
  const { instance_id, api_key, admin_key, team_id } = before.ready;
  expect(after.ready).toMatchObject({ instance_id, api_key, admin_key, team_id });
  expect((await after.client.events()).map(({ id }) => id)).toEqual(["kept"]);
  expect(await after.client.owed()).toBe(1);
  expect((await after.client.post({ id: "kept" })).outcome).toBe("duplicate_ignored");
}, 60_000);
