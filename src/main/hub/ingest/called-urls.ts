import type { HookRequest } from "./request.ts";

const HOST = /^[\w.:[\]-]+$/;

/**
 * The URLs that the sender of a request may have called, likeliest first: below the public URL, as a proxy says it was
 * called, and as the request itself says. For providers that sign the URL; a wrong one only makes a signature not fit.
 */
export function calledUrls(
  { target, headers }: Pick<HookRequest, "target" | "headers">,
  publicUrl: string | null,
): string[] {
  const first = (name: string): string | undefined => {
    const value = headers[name];
    return (typeof value === "string" ? value : value?.[0])?.split(",", 1)[0]?.trim();
  };
  const forwarded = first("x-forwarded-host");
  const host = first("host");
  const scheme = first("x-forwarded-proto") === "https" ? "https" : "http";
  const bases = [
    publicUrl?.replace(/\/+$/, ""),
    ...[forwarded, host].flatMap((name) =>
      name === undefined || !HOST.test(name)
        ? []
        : [`${scheme}://${name}`, `${scheme === "https" ? "http" : "https"}://${name}`],
    ),
  ];
  return [...new Set(bases.filter((base) => base !== undefined).map((base) => `${base}${target}`))];
}
