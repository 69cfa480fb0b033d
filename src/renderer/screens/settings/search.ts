import { z } from "zod";

export const SETTINGS_PARTS = ["general", "keeping", "storage", "purge", "configuration", "about"] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

/** What the address says of the settings: which part, and what a purge is for. */
export const SettingsSearch = z.object({
  part: z.enum(SETTINGS_PARTS).catch("general").default("general"),
  q: z.coerce.string().max(2_000).catch("").default(""),
});
