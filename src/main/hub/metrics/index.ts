export { createHubMetrics, type HubMetrics, type MetricSources, observe } from "./hub-metrics.ts";
