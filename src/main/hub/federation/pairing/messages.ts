import { z } from "zod";

const Text = z.string().min(1).max(512);
const Key = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/);

/** What one side says of itself. */
export const Party = z.strictObject({
  instance_id: z.string().min(1).max(128),
  team: Text,
  /** Where it takes events; null when it cannot be reached. */
  hook_url: z.string().max(2_048).nullable(),
  /** Where its stream is; null when it cannot be reached. */
  stream_url: z.string().max(2_048).nullable(),
});
export type Party = z.infer<typeof Party>;

/** The opener introduces itself, and commits to a nonce that it does not show yet. */
export const Hello = z.strictObject({
  v: z.literal(1),
  opener: Party,
  public_key: Key,
  commitment: Key,
  /** The URL by which it reached the maker. */
  via: z.string().max(2_048),
});

export const HelloAnswer = z.object({ maker: Party, public_key: Key, nonce: Key });
export const Reveal = z.strictObject({ nonce: Key });

/** The opener's person has decided, or wants to know what the maker's has. */
export const Settle = z.strictObject({
  decision: z.enum(["confirm", "refuse", "look"]),
  /** For the maker alone: {@link Handover}. */
  sealed: z.string().max(8_192).optional(),
});

export const SettleAnswer = z.object({
  state: z.enum(["waiting", "done", "refused", "expired"]),
  sealed: z.string().max(8_192).optional(),
});

/** What one side hands to the other: the key by which its stream may be read, where that was agreed. */
export const Handover = z.object({
  api_key: z.string().max(512).nullable(),
  /** The newest seq of its log when the key was made: everything after it is for the reader. Older hubs do not say. */
  newest_seq: z.int().min(0).nullish(),
});
export type Handover = z.infer<typeof Handover>;

export const PROOF_HEADER = "x-kite-pair";
export const MAX_MESSAGE_BYTES = 16_384;
