export { openFoundation } from "./foundation.ts";
export { openFront, type Phase } from "./front.ts";
export { openInside } from "./open-inside.ts";
export { Opened } from "./opened.ts";
export type { HubOptions } from "./options.ts";
export { openTraffic, startTraffic } from "./traffic.ts";
export { startUpkeep } from "./upkeep.ts";
