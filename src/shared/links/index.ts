export * from "./link-state.ts";
export * from "./link-test.ts";
export * from "./pairing.ts";
export * from "./words.ts";
