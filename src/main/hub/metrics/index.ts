export { countAccepted, entranceOf } from "./count-accepted.ts";
export { countDeliveries } from "./count-deliveries.ts";
export { createHubMetrics, type HubMetrics, type MetricSources, observe } from "./hub-metrics.ts";
export { metricSources } from "./metric-sources.ts";
