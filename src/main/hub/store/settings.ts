import type { Queryable } from "./database.ts";

/** Reads one of the hub's own settings; undefined when it was never set. The caller checks its shape. */
export async function readSetting(db: Queryable, key: string): Promise<unknown> {
  const { rows } = await db.query<{ value: unknown }>({
    text: "SELECT value FROM settings WHERE key = $1",
    values: [key],
  });
  return rows[0]?.value;
}

/**
 * The same for a change that depends on it: whoever else wants to change it waits until this transaction ends. One that
 * was never set is `{}`.
 */
export async function lockSetting(tx: Queryable, key: string): Promise<unknown> {
  const { rows } = await tx.query<{ value: unknown }>({
    text: `INSERT INTO settings (key, value) VALUES ($1, '{}'::jsonb)
           ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING value`,
    values: [key],
  });
  return rows[0]?.value;
}

export async function writeSetting(db: Queryable, key: string, value: unknown): Promise<void> {
  await db.query({
    text: `INSERT INTO settings (key, value) VALUES ($1, $2::jsonb)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()`,
    values: [key, JSON.stringify(value)],
  });
}

/** The known word that was sealed with this database's key; null on the first start. */
export async function readKeyCheck(db: Queryable): Promise<Buffer | null> {
  const { rows } = await db.query<{ sealed: Buffer }>({ text: "SELECT sealed FROM key_check" });
  return rows[0]?.sealed ?? null;
}

export async function writeKeyCheck(db: Queryable, sealed: Buffer): Promise<void> {
  await db.query({ text: "INSERT INTO key_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING", values: [sealed] });
}
