export * from "./expectations.ts";
export * from "./faults.ts";
export * from "./file.ts";
export * from "./report.ts";
export * from "./reproduce.ts";
export * from "./topology.ts";
