/** What can be changed while the hub runs, and what follows from it. */
export { LiveSettings, type LiveSettingsOptions } from "./live-settings.ts";
export { PayloadKeeper } from "./payload-keeper.ts";
export { type StorageView, viewStorage } from "./storage.ts";
