import { z } from "zod";
import { HubError } from "./errors.ts";
import type { EntryKey } from "./store/outbox.ts";

const SHAPE = /^(\d{1,16})-(\d{1,10})-(\d{1,5})$/;

/** An entry's id as the API shows it: `<seq>-<peer number>-<generation>`. */
export function entryId(ref: EntryKey): string {
  return `${ref.seq}-${ref.peer}-${ref.gen}`;
}

/** An entry's id in a path or a body. */
export const EntryId = z
  .string()
  .regex(SHAPE, "must be an entry's id, such as 4711-1-0")
  .describe("An outbox entry: `<seq>-<peer number>-<generation>`.");

/** @throws HubError `bad_request` when the text is not an entry's id */
export function parseEntryId(id: string): EntryKey {
  const [, seq, peer, gen] = SHAPE.exec(id)?.map(Number) ?? [];
  if (seq === undefined || peer === undefined || gen === undefined || seq > Number.MAX_SAFE_INTEGER)
    throw new HubError("bad_request", `${JSON.stringify(id)} is not an entry's id; such an id looks like 4711-1-0.`);
  return { seq, peer, gen };
}
