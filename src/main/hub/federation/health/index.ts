export { LinkHealth } from "./link-health.ts";
export { type DirectionReport, type LinkReport, LinkReports, type PeerReader } from "./link-report.ts";
