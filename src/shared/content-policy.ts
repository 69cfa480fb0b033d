/**
 * What the console's pages may load, in the app as in a browser: their own files. Styles too come from files only; scripts
 * change them through the document's own interfaces, which no policy forbids.
 * @param lines where else a page may open a line to, such as `ws://127.0.0.1:7700`
 */
export function contentPolicy(lines: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...lines].join(" "),
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
