import { z } from "zod";
import type { Permission } from "../../../shared/permissions.ts";
import { HubError } from "../errors.ts";
import type { ApiKey } from "../model.ts";
import { Moment } from "../moment.ts";
import { type RegistryAdmin, type RegistryView, readPermissions } from "../registry/index.ts";
import { parseScopes } from "./scopes.ts";

/** What is told of an API key. The key itself is not. */
export interface KeyView {
  readonly id: string;
  readonly name: string | null;
  /** The 8 digits of the key that may be shown. */
  readonly prefix: string;
  readonly permissions: readonly Permission[];
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly state: "active" | "expired" | "revoked";
  /** True for the keys that the hub made for itself and prints at its start. */
  readonly own: boolean;
}

export interface CreatedKey {
  readonly key: KeyView;
  /** The key itself, shown this once. */
  readonly token: string;
}

/** What a new key may be made of (kite-wire.md 2 and 7); clients send null for what they leave out. */
export const NewKey = z.object({
  name: z.string().trim().min(1).max(200).nullish(),
  permissions: z
    .array(z.string().max(32))
    .max(8)
    .default(["read"])
    .refine((list) => list.length > 0 && readPermissions(list).length === list.length, {
      message: "must be some of stream, read, write and admin",
    }),
  scopes: z
    .array(z.string())
    .default(["*"])
    .superRefine((list, context) => {
      const parsed = parseScopes(list.length === 0 ? [""] : list);
      if (!parsed.ok) context.addIssue({ code: "custom", message: parsed.problem });
    }),
  expires_at: Moment.nullish(),
});
export type NewKey = z.output<typeof NewKey>;

export type KeyAdmin = Pick<RegistryAdmin, "createKey" | "revokeKey">;

/** The API keys of a team: what `kite keys`, the REST API and the console do with them. */
export class Keys {
  readonly #registry: RegistryView;
  readonly #admin: KeyAdmin;
  readonly #now: () => number;

  constructor(registry: RegistryView, admin: KeyAdmin, now: () => number) {
    this.#registry = registry;
    this.#admin = admin;
    this.#now = now;
  }

  /** Oldest first, revoked ones included. */
  list(team: string): KeyView[] {
    return this.#registry.snapshot.keys.filter((key) => key.team === team).map((key) => this.#view(key));
  }

  /** @throws HubError `bad_request` when the key would be expired already */
  async create(team: string, wanted: NewKey): Promise<CreatedKey> {
    const expiresAt =
      wanted.expires_at === null || wanted.expires_at === undefined ? null : new Date(wanted.expires_at);
    if (expiresAt !== null && expiresAt.getTime() <= this.#now())
      throw new HubError("bad_request", `expires_at: ${expiresAt.toISOString()} is over already; give a later time.`);
    const { key, token } = await this.#admin.createKey(team, {
      name: wanted.name ?? null,
      permissions: [...new Set(readPermissions(wanted.permissions))],
      scopes: wanted.scopes,
      expiresAt,
    });
    return { key: this.#view(key), token };
  }

  /**
   * Takes a key back; connections that were opened with it are closed before this resolves. Revoking twice changes
   * nothing.
   * @throws HubError `not_found`
   */
  async revoke(team: string, id: string): Promise<KeyView> {
    this.#find(team, id);
    await this.#admin.revokeKey(team, id);
    return this.#view(this.#find(team, id));
  }

  #find(team: string, id: string): ApiKey {
    const key = this.#registry.snapshot.keys.find((each) => each.id === id && each.team === team);
    if (key === undefined) throw new HubError("not_found", `There is no API key with id ${id}.`);
    return key;
  }

  #view(key: ApiKey): KeyView {
    const { id, name, prefix, permissions, scopes, createdAt, expiresAt, revokedAt, secret } = key;
    const expired = expiresAt !== null && expiresAt.getTime() <= this.#now();
    const state = revokedAt !== null ? "revoked" : expired ? "expired" : "active";
    return { id, name, prefix, permissions, scopes, createdAt, expiresAt, revokedAt, state, own: secret !== null };
  }
}
