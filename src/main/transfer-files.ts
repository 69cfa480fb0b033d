import { join } from "node:path";
import { type AppOptions, openGround, RESOURCES } from "./app.ts";
import type { Config } from "./config/index.ts";
import { describeSections, exportToFile, importFromFile, openForTransfer } from "./hub/index.ts";

/** What a command of the export or import is run with. */
export interface TransferCommand extends AppOptions {
  /** Encrypts the secrets in the file; null leaves them out. */
  readonly passphrase: string | null;
}

/** What an import is run with. */
export interface ImportCommand extends TransferCommand {
  readonly leaveOutSecrets: boolean;
}

/** Writes the whole hub to a file. @returns what to tell the person */
export function exportFile(config: Config, path: string, command: TransferCommand): Promise<string> {
  return withHub(config, command, async ({ db, box, instanceId }) => {
    const { counts, secrets } = await exportToFile(db, box, path, {
      instanceId,
      version: command.version,
      now: Date.now,
      ...(command.passphrase === null ? {} : { passphrase: command.passphrase }),
    });
    const left =
      secrets === "left_out"
        ? "\nSecrets were left out; set KITE_EXPORT_PASSPHRASE to have them in the file, encrypted."
        : "\nSecrets are in the file, encrypted with the passphrase.";
    return `Exported to ${path}: ${describeSections(counts)}.${left}`;
  });
}

/** Reads such a file into an empty hub. @returns what to tell the person */
export function importFile(config: Config, path: string, command: ImportCommand): Promise<string> {
  return withHub(config, command, async ({ db, box }) => {
    const { passphrase, leaveOutSecrets } = command;
    const options = { leaveOutSecrets, ...(passphrase === null ? {} : { passphrase }) };
    const { counts, createdAt, instanceId, notes } = await importFromFile(db, box, path, options);
    return [`Imported the hub ${instanceId} as of ${createdAt}: ${describeSections(counts)}.`, ...notes].join("\n");
  });
}

async function withHub(
  config: Config,
  command: TransferCommand,
  work: (hub: Awaited<ReturnType<typeof openForTransfer>>) => Promise<string>,
): Promise<string> {
  const ground = await openGround(config, command);
  try {
    const hub = await openForTransfer(ground, join(RESOURCES, "migrations"));
    try {
      return await work(hub);
    } finally {
      await hub.db.close();
    }
  } finally {
    await ground.close();
  }
}
