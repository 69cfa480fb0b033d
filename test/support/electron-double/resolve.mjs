const double = new URL("./electron.ts", import.meta.url).href;

/** @type {import("node:module").ResolveHook} */
export const resolve = (specifier, context, next) => next(specifier === "electron" ? double : specifier, context);
