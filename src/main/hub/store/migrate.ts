import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Any number will do, as long as every hub uses the same one. */
const MIGRATION_LOCK = 7_700_000_001;

/** The database cannot be used by this version of the hub; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Reads `NNNN_name.sql` files in order. @throws MigrationError when numbers are missing or come twice */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(name.slice(0, 4));
      if (version !== index + 1)
        throw new MigrationError(`Migration ${name} in ${folder} should have number ${index + 1}.`);
      // Line endings may be rewritten by a checkout on Windows; the statements are the same.
      const sql = (await readFile(join(folder, name), "utf8")).replaceAll("\r\n", "\n");
      return { version, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/**
 * Brings a database to the schema of this version. Safe to run from several hubs at once: an advisory lock lets one
 * work and the others wait.
 * @param connection where the database is
 * @param folder the folder of the numbered .sql files
 * @returns the version before and after
 * @throws MigrationError when the database is newer than this hub, or an applied migration was altered
 */
export async function migrate(connection: pg.ClientConfig, folder: string): Promise<{ from: number; to: number }> {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({ ...connection, application_name: "kite-desktop migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const applied = await client.query<{ version: number; name: string; checksum: string }>(
      "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
    );
    const from = applied.rows.at(-1)?.version ?? 0;
    if (from > migrations.length)
      throw new MigrationError(
        `The database has schema version ${from}, but this version of Kite Desktop knows only ${migrations.length}. ` +
          "Start a newer version, or use another data folder or database.",
      );
    for (const row of applied.rows) {
      const known = migrations[row.version - 1];
      if (known !== undefined && known.checksum !== row.checksum)
        throw new MigrationError(
          `Migration ${row.name} was applied to this database in another form than the one in ${folder}. ` +
            "Use the version of Kite Desktop that made this database, or another data folder.",
        );
    }
    for (const migration of migrations.slice(from)) {
      await client.query("BEGIN");
      try {
        await client.query(migration.sql);
        await client.query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", [
          migration.version,
          migration.name,
          migration.checksum,
        ]);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      }
    }
    return { from, to: migrations.length };
  } finally {
    await client.end();
  }
}
