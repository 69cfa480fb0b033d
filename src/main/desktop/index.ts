export { registerAppScheme } from "./app-scheme.ts";
export { ownArguments } from "./arguments.ts";
export { LINK_SCHEME, linkAmong, readDeepLink } from "./deep-link.ts";
export { Desktop, type DesktopOptions } from "./desktop.ts";
export type { Running, StartingOptions } from "./running.ts";
