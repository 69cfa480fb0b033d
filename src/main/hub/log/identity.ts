import { hash } from "node:crypto";
import type { Bytes16 } from "../model.ts";

/** Bytes of a deduplication key and of a digest: enough of a SHA-256 that no two events meet by chance or on purpose. */
const KEY_BYTES = 16;

/** What makes a second arrival of a CloudEvent the same event: CloudEvents' `source` and `id`, within a team. */
export function eventIdentity(team: string, source: string, id: string): string {
  return `${team}\u0000${source}\u0000${id}`;
}

/** What makes a second webhook the same delivery: the provider's own delivery id, within a team's endpoint. */
export function deliveryIdentity(team: string, hook: string, deliveryId: string): string {
  return `${team}\u0000hook:${hook}\u0000${deliveryId}`;
}

/** The key under which an identity is remembered. */
export function keyOf(identity: string): Bytes16 {
  return hash("sha256", identity, "binary").slice(0, KEY_BYTES);
}

/** The digest by which the data of two arrivals are compared. */
export function digestOf(data: string | null): Bytes16 {
  return hash("sha256", data ?? "", "binary").slice(0, KEY_BYTES);
}
