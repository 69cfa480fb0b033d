export { LinkHealth } from "./link-health.ts";
export { type DirectionReport, type LinkReport, LinkReports } from "./link-report.ts";
