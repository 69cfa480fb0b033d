import { z } from "zod";

/** How the key of the stored secrets is kept. `weak`: the system has a keychain in name only, so the file stays. */
export const KEYCHAIN_STATES = ["file", "keychain", "weak", "unavailable"] as const;

/** What a person may change about the app on this machine. */
export const DesktopSettings = z.object({
  notifications: z.boolean(),
  /** Keep the key in the system's keychain: then the hub opens this data folder in the app only. */
  keychain: z.boolean(),
});
export type DesktopSettings = z.infer<typeof DesktopSettings>;

export const DesktopSettingsChange = DesktopSettings.partial();
export type DesktopSettingsChange = z.infer<typeof DesktopSettingsChange>;

/** The settings, and what the system makes of them. */
export const DesktopSettingsView = DesktopSettings.extend({
  keychainState: z.enum(KEYCHAIN_STATES),
  /** A sentence about it for the person. */
  keychainSays: z.string(),
});
export type DesktopSettingsView = z.infer<typeof DesktopSettingsView>;

/** How far the start of the app is, in words. */
export const StartStep = z.object({ text: z.string(), state: z.enum(["working", "failed"]) });
export type StartStep = z.infer<typeof StartStep>;
