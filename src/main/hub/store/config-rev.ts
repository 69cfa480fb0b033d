import type { Queryable } from "./database.ts";

/**
 * Says that peers, hooks or keys changed: a batch that was routed with the old ones is refused and routed again.
 * Belongs into the transaction that makes the change.
 */
export async function bumpConfigRev(tx: Queryable): Promise<void> {
  await tx.query({ text: "UPDATE log_head SET config_rev = config_rev + 1" });
}
