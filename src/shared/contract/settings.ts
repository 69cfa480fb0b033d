import { z } from "zod";
import { HubSettings } from "../hub-settings.ts";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

export { HubSettings };

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

/** What retention would drop at once under other limits: whole segments, oldest first, unless something of one is owed. */
export const RetentionPreview = z.object({
  segments: z.int(),
  events: z.int(),
  bytes: z.number(),
  /** Segments that are past the limits, but have entries that are owed to peers: they stay until those are done. */
  held: z.int(),
});
export type RetentionPreview = z.infer<typeof RetentionPreview>;

/** A filter that was given a name. */
export const SavedView = z.object({ id: z.string(), name: z.string().min(1).max(80), filter: z.string().max(2_000) });
export type SavedView = z.infer<typeof SavedView>;

export const settings = {
  get: consoleCall.output(HubSettings),
  update: consoleCall.input(HubSettings.partial()).output(HubSettings),
  preview: consoleCall.input(HubSettings.pick({ retentionDays: true, retentionMb: true })).output(RetentionPreview),
  config: consoleCall.output(z.array(ConfigValue)),
  storage: consoleCall.output(StorageView),
};

export const views = {
  list: consoleCall.output(z.array(SavedView)),
  save: consoleCall.input(SavedView.extend({ id: z.string().nullable() })).output(SavedView),
  remove: consoleCall.input(z.object({ id: z.string() })),
};
