export * from "./mask-event.ts";
