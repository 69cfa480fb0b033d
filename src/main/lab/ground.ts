import { randomBytes } from "node:crypto";
import { migrate } from "../hub/index.ts";
import { createDatabase, dropDatabase, type PostgresConnection } from "../postgres/index.ts";

/** A database for one hub of a lab. */
export interface LabDatabase {
  readonly connection: PostgresConnection;
  drop(): Promise<void>;
}

/** Where the hubs of labs get their databases from. */
export interface LabGround {
  /** An empty database with the present schema. */
  newDatabase(): Promise<LabDatabase>;
  close(): Promise<void>;
}

/**
 * Databases on a server that the caller runs: copies of one that is migrated once, so that a dozen of them take a second.
 * @param server how to connect to one of its databases
 * @param migrations the folder of the numbered .sql files
 */
export async function openLabGround(
  server: (database: string) => PostgresConnection,
  migrations: string,
): Promise<LabGround> {
  const prefix = `kite_lab_${randomBytes(4).toString("hex")}`;
  const admin = server("postgres");
  const template = `${prefix}_template`;
  await createDatabase(admin, template);
  try {
    await migrate(server(template), migrations);
  } catch (error) {
    await dropDatabase(admin, template);
    throw error;
  }
  let copies = 0;
  // Copies of one template are made one after another: PostgreSQL refuses a template that is in use.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    newDatabase() {
      const made = turn.then(async () => {
        const name = `${prefix}_${++copies}`;
        await createDatabase(admin, name, template);
        return { connection: server(name), drop: () => dropDatabase(admin, name) };
      });
      turn = made.catch(() => undefined);
      return made;
    },
    close: () => dropDatabase(admin, template),
  };
}
