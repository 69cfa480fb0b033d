export { type Console, type ConsoleOptions, openConsole } from "./console.ts";
export type { ConsoleSetting } from "./services.ts";
export type { PortLike } from "./transport/port-channel.ts";
