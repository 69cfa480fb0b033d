export { type LabDatabase, type LabGround, openLabGround } from "./ground.ts";
export { Lab } from "./lab.ts";
export { type LabHub, LabHubs, type LabOptions } from "./lab-hubs.ts";
export { Labs, type LabsOptions, labHubId, type OpenLab } from "./labs.ts";
export { LinkProxy } from "./link-proxy.ts";
export type { PublishedEvent } from "./published.ts";
export { type TimelineEntry, timelineOf } from "./timeline.ts";
