export * from "./link-state.ts";
export * from "./link-test.ts";
