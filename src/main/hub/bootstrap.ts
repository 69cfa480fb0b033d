import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { z } from "zod";
import { type HubRegistry, type RegistryAdmin, type SecretBox, SecretKeyError } from "./registry/index.ts";
import type { Queryable } from "./store/database.ts";
import { readKeyCheck, readSetting, writeKeyCheck, writeSetting } from "./store/settings.ts";

/** The endpoint that a new hub has, so that the first `curl` works. */
export const FIRST_SOURCE = "demo";

/** What a hub prints at its start. The keys are the hub's own, kept sealed. */
export interface Credentials {
  readonly team: string;
  readonly hookToken: string;
  readonly apiKey: string;
  readonly adminKey: string;
}

/**
 * The id of this instance: the one that is configured, else the one of the first start, else a new one. A configured
 * id replaces the stored one, for ids belong to whoever runs the instance.
 */
export async function settleInstanceId(db: Queryable, configured: string | null): Promise<string> {
  const stored = await storedInstanceId(db);
  if (configured === null && stored !== null) return stored;
  const host =
    hostname()
      .toLowerCase()
      .split(".")[0]
      ?.replace(/[^a-z0-9-]+/g, "-") ?? "";
  const id = configured ?? `${host === "" ? "kite" : host.slice(0, 40)}-${randomBytes(3).toString("hex")}`;
  await writeSetting(db, "instance_id", id);
  return id;
}

/** The id this instance had at its last start; null before the first. */
export async function storedInstanceId(db: Queryable): Promise<string | null> {
  const stored = z.string().safeParse(await readSetting(db, "instance_id"));
  return stored.success ? stored.data : null;
}

/**
 * Makes sure that the key at hand is the one this database's secrets were sealed with, before anything is sealed with
 * another one.
 * @throws SecretKeyError
 */
export async function checkSecretKey(db: Queryable, box: SecretBox): Promise<void> {
  const sealed = await readKeyCheck(db);
  if (sealed === null) await writeKeyCheck(db, box.seal(KNOWN_WORD));
  else if (box.open(sealed) !== KNOWN_WORD) throw new SecretKeyError();
}

const KNOWN_WORD = "kite";

/** Makes the team, its first endpoint and the hub's own keys where they are missing. */
export async function ensureCredentials(
  admin: RegistryAdmin,
  registry: HubRegistry,
  team: string,
): Promise<Credentials> {
  if (!registry.hasTeam(team)) await admin.createTeam(team, team);
  const hook = registry.hook(team, FIRST_SOURCE);
  const hookToken = hook?.token ?? (await admin.createHook(team, FIRST_SOURCE, { keep: true })).token;
  const own = (name: string): string | undefined =>
    registry.snapshot.keys.find((key) => key.team === team && key.name === name && key.secret !== null)?.secret ??
    undefined;
  const apiKey =
    own(API_KEY_NAME) ??
    (await admin.createKey(team, { name: API_KEY_NAME, permissions: ["read", "write"], keep: true })).token;
  const adminKey =
    own(ADMIN_KEY_NAME) ??
    (await admin.createKey(team, { name: ADMIN_KEY_NAME, permissions: ["admin"], keep: true })).token;
  return { team, hookToken, apiKey, adminKey };
}

const API_KEY_NAME = "this hub's stream key";
const ADMIN_KEY_NAME = "this hub's admin key";
