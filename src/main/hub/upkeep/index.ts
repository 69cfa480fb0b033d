export { Chores } from "./chores.ts";
export { configuredSettings, Housekeeping } from "./housekeeping.ts";
export { LinkUpkeep } from "./link-upkeep.ts";
