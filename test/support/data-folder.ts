import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder for hubs, which the account of PostgreSQL may pass through; the caller removes it. */
export async function makeDataFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "kite-hub-")));
  await chmod(folder, 0o711);
  return folder;
}

/** Processes that were just killed may still be closing files in it. */
export function removeDataFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
}

/** A folder of this test's own, removed at its end. Ask for it before the hubs that work in it: they must end first. */
export async function temporaryDataFolder(): Promise<string> {
  const folder = await makeDataFolder();
  onTestFinished(() => removeDataFolder(folder));
  return folder;
}
