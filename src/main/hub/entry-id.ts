import { z } from "zod";
import { HubError } from "./errors.ts";
import type { EntryKey } from "./store/outbox.ts";

const SHAPE = /^(\d{1,16})-(\d{1,10})-(\d{1,5})$/;

/** An entry's id as the API shows it: `<seq>-<peer number>-<generation>`. */
export function entryId(ref: EntryKey): string {
  return `${ref.seq}-${ref.peer}-${ref.gen}`;
}

/** The parts of an entry's id, within what their columns hold. */
export const EntryKeyShape = z.strictObject({
  seq: z.int().min(0),
  peer: z.int32().min(0),
  gen: z.int().min(0).max(32_767),
});

const NO_ID = "must be an entry's id, such as 4711-1-0";

/** An entry's id in a path or a body. */
export const EntryId = z
  .string()
  .regex(SHAPE, { error: NO_ID, abort: true })
  .refine((id) => keyOf(id) !== null, NO_ID)
  .describe("An outbox entry: `<seq>-<peer number>-<generation>`.");

/** @throws HubError `bad_request` when the text is not an entry's id */
export function parseEntryId(id: string): EntryKey {
  const key = keyOf(id);
  if (key === null)
    throw new HubError("bad_request", `${JSON.stringify(id)} is not an entry's id; such an id looks like 4711-1-0.`);
  return key;
}

function keyOf(id: string): EntryKey | null {
  const [, seq, peer, gen] = SHAPE.exec(id) ?? [];
  return EntryKeyShape.safeParse({ seq: Number(seq), peer: Number(peer), gen: Number(gen) }).data ?? null;
}
