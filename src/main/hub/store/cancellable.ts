import type { Database, Queryable } from "./database.ts";

/**
 * Runs a few statements in one read-only transaction whose statement at work is cancelled when the signal aborts.
 * @param settings of the planner and the like, for this transaction alone
 * @throws the signal's reason when it aborts
 */
export async function cancellable<T>(
  db: Database,
  signal: AbortSignal | undefined,
  settings: Readonly<Record<string, string>>,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let cancelling: Promise<unknown> = Promise.resolve();
  const result = db.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>({
      text: `SELECT pg_backend_pid() AS pid, set_config(name, value, true)
             FROM unnest($1::text[], $2::text[]) AS s (name, value)`,
      values: [
        ["transaction_read_only", ...Object.keys(settings)],
        ["on", ...Object.values(settings)],
      ],
    });
    const pid = rows[0]?.pid;
    const cancel = (): void => {
      cancelling = db.query({ text: "SELECT pg_cancel_backend($1)", values: [pid] }).catch(() => undefined);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      signal?.throwIfAborted();
      return await work(tx);
    } finally {
      signal?.removeEventListener("abort", cancel);
      // Before the connection goes to somebody else, whose statement it would hit.
      await cancelling;
    }
  });
  try {
    return await result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
