import type { Queryable } from "./database.ts";

/** An API key as it is stored; `secret` is sealed, and kept only for the keys the hub prints at its start. */
export interface KeyRow {
  readonly id: string;
  readonly team: string;
  readonly name: string | null;
  readonly prefix: string;
  readonly hash: Buffer;
  readonly permissions: string[];
  readonly scopes: string[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly created_at: Date;
  readonly secret: Buffer | null;
  /** The number of the peer it was handed to. */
  readonly peer: number | null;
  /** Where a client id that is new to it begins; null: at the tail. */
  readonly from_seq: string | null;
}

/** An endpoint as it is stored; secrets are sealed. */
export interface HookRow {
  readonly id: string;
  readonly team: string;
  readonly source: string;
  readonly token_prefix: string;
  readonly token_hash: Buffer;
  readonly token_secret: Buffer | null;
  readonly webhook_secret: Buffer | null;
  readonly previous_secret: Buffer | null;
  readonly previous_secret_until: Date | null;
  readonly active: boolean;
  readonly created_at: Date;
}

export async function listKeys(db: Queryable): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>({ text: "SELECT * FROM api_keys ORDER BY created_at, id" });
  return rows;
}

/** @param fromNow true: what is new to the key begins at the log's head of now */
export async function insertKey(
  tx: Queryable,
  key: Omit<KeyRow, "created_at" | "revoked_at" | "from_seq">,
  fromNow: boolean,
): Promise<KeyRow> {
  const { rows } = await tx.query<KeyRow>({
    text: `INSERT INTO api_keys (id, team, name, prefix, hash, permissions, scopes, expires_at, secret, peer, from_seq)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $11 THEN (SELECT seq FROM log_head) END) RETURNING *`,
    values: [
      ...[key.id, key.team, key.name, key.prefix, key.hash],
      ...[key.permissions, key.scopes, key.expires_at, key.secret, key.peer, fromNow],
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the key was not inserted");
  return row;
}

/** Hands a key to a peer. @returns false when the team has no such key, or it was revoked */
export async function handKey(
  tx: Queryable,
  key: Pick<KeyRow, "id" | "team"> & { readonly peer: number },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "UPDATE api_keys SET peer = $3 WHERE id = $2 AND team = $1 AND revoked_at IS NULL",
    values: [key.team, key.id, key.peer],
  });
  return rowCount === 1;
}

/** @returns false when the team has no such key, or it was revoked before */
export async function revokeKey(tx: Queryable, team: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "UPDATE api_keys SET revoked_at = now(), secret = NULL WHERE id = $2 AND team = $1 AND revoked_at IS NULL",
    values: [team, id],
  });
  return rowCount === 1;
}

export async function listHooks(db: Queryable): Promise<HookRow[]> {
  const { rows } = await db.query<HookRow>({ text: "SELECT * FROM hooks ORDER BY created_at, id" });
  return rows;
}

/**
 * Creates a team's endpoint for a source, or gives the existing one a new token. A new webhook secret puts the old one
 * on its way out: both are accepted until `previousUntil`.
 */
export async function upsertHook(
  tx: Queryable,
  hook: Pick<HookRow, "id" | "team" | "source" | "token_prefix" | "token_hash" | "token_secret" | "webhook_secret">,
  previousUntil: Date,
): Promise<HookRow> {
  const { rows } = await tx.query<HookRow>({
    text: `INSERT INTO hooks AS h (id, team, source, token_prefix, token_hash, token_secret, webhook_secret)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (team, source) DO UPDATE SET
             token_prefix = excluded.token_prefix, token_hash = excluded.token_hash,
             token_secret = excluded.token_secret, active = true,
             webhook_secret = COALESCE(excluded.webhook_secret, h.webhook_secret),
             previous_secret = CASE WHEN excluded.webhook_secret IS NULL THEN h.previous_secret ELSE h.webhook_secret END,
             previous_secret_until = CASE WHEN excluded.webhook_secret IS NULL THEN h.previous_secret_until
                                          WHEN h.webhook_secret IS NULL THEN NULL ELSE $8::timestamptz END
           RETURNING *`,
    values: [
      hook.id,
      hook.team,
      hook.source,
      hook.token_prefix,
      hook.token_hash,
      hook.token_secret,
      hook.webhook_secret,
      previousUntil,
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the endpoint was not stored");
  return row;
}

/** @returns false when the team has no such endpoint */
export async function setHookSecret(
  tx: Queryable,
  team: string,
  id: string,
  secret: Buffer,
  previousUntil: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `UPDATE hooks SET webhook_secret = $3, previous_secret = webhook_secret,
             previous_secret_until = CASE WHEN webhook_secret IS NULL THEN NULL ELSE $4::timestamptz END
           WHERE id = $2 AND team = $1`,
    values: [team, id, secret, previousUntil],
  });
  return rowCount === 1;
}

/** @returns false when the team has no such endpoint */
export async function deactivateHook(tx: Queryable, team: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "UPDATE hooks SET active = false WHERE id = $2 AND team = $1",
    values: [team, id],
  });
  return rowCount === 1;
}

export async function listTeams(db: Queryable): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>({
    text: "SELECT id, name FROM teams ORDER BY created_at",
  });
  return rows;
}

export async function insertTeam(tx: Queryable, id: string, name: string): Promise<void> {
  await tx.query({ text: "INSERT INTO teams (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", values: [id, name] });
}

/** A federation token that was made here to be handed to a peer; only its hash is kept. */
export interface FederationTokenRow {
  readonly id: string;
  readonly label: string;
  readonly created_at: Date;
}

export async function listFederationTokens(db: Queryable, team: string): Promise<FederationTokenRow[]> {
  const { rows } = await db.query<FederationTokenRow>({
    text: "SELECT id, label, created_at FROM federation_tokens WHERE team = $1 ORDER BY created_at, id",
    values: [team],
  });
  return rows;
}

export async function insertFederationToken(
  tx: Queryable,
  token: { id: string; team: string; label: string; hash: Buffer },
): Promise<FederationTokenRow> {
  const { rows } = await tx.query<FederationTokenRow>({
    text: `INSERT INTO federation_tokens (id, team, label, hash) VALUES ($1, $2, $3, $4)
           RETURNING id, label, created_at`,
    values: [token.id, token.team, token.label, token.hash],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the token was not inserted");
  return row;
}

/** @returns false when the team has no such token */
export async function deleteFederationToken(tx: Queryable, team: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: "DELETE FROM federation_tokens WHERE id = $2 AND team = $1",
    values: [team, id],
  });
  return rowCount === 1;
}
