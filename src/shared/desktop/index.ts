export * from "./bridge.ts";
export * from "./settings.ts";
