import type { RegistryView } from "../../registry/index.ts";
import { sqlState } from "../../store/database.ts";
import { StaleRegistryError } from "./standings.ts";

const TRIES = 5;
/** Serialization failure and deadlock: PostgreSQL's way of saying "again". */
const AGAIN = new Set(["40001", "40P01"]);

/** Runs a transaction again when it met another one, or when the registry in memory is older than the database. */
export async function withRetries<T>(registry: RegistryView, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const stale = error instanceof StaleRegistryError;
      if (tries === TRIES || !(stale || AGAIN.has(sqlState(error) ?? ""))) throw error;
      if (stale) await registry.refresh();
    }
  }
}
