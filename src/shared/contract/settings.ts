import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

/** What can be changed while the hub runs. Everything else is configuration, read at the start. */
export const HubSettings = z.object({
  retentionDays: z.number().min(0).max(3_650),
  /** 0: no limit. */
  retentionMb: z.number().min(0),
  /** How much of a payload is kept: all, its first bytes once it is delivered, or nothing then. */
  keepPayload: z.enum(["all", "cut", "none"]),
  keepPayloadBytes: z.int().min(0).max(262_144),
  /** How much of the body of a request that was refused is kept, for looking into; 0 keeps nothing. */
  keepRefusedBytes: z.int().min(0).max(65_536),
});
export type HubSettings = z.infer<typeof HubSettings>;

/** A value of the configuration, and where it came from. Secrets are masked. */
export const ConfigValue = z.object({
  name: z.string(),
  flag: z.string(),
  env: z.string(),
  value: z.string(),
  from: z.string(),
  meaning: z.string(),
});

export const StorageView = z.object({
  databaseBytes: z.number(),
  tables: z.array(z.object({ name: z.string(), bytes: z.number(), rows: z.number().nullable() })),
  events: z.int(),
  oldestAt: Time.nullable(),
  oldestSeq: z.int(),
  head: z.int(),
  segments: z.array(
    z.object({
      segment: z.int(),
      firstSeq: z.int(),
      lastSeq: z.int().nullable(),
      openedAt: Time,
      bytes: z.number(),
      held: z.string().nullable(),
    }),
  ),
});
export type StorageView = z.infer<typeof StorageView>;

/** A filter that was given a name. */
export const SavedView = z.object({ id: z.string(), name: z.string().min(1).max(80), filter: z.string().max(2_000) });
export type SavedView = z.infer<typeof SavedView>;

export const settings = {
  get: consoleCall.output(HubSettings),
  update: consoleCall.input(HubSettings.partial()).output(HubSettings),
  config: consoleCall.output(z.array(ConfigValue)),
  storage: consoleCall.output(StorageView),
};

export const views = {
  list: consoleCall.output(z.array(SavedView)),
  save: consoleCall.input(SavedView.extend({ id: z.string().nullable() })).output(SavedView),
  remove: consoleCall.input(z.object({ id: z.string() })),
};
