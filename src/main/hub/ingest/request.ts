/** A request to an endpoint, free of any HTTP library. Header names are lower case. */
export interface HookRequest {
  readonly team: string;
  readonly source: string;
  /** The token of the path; null when the URL has none. */
  readonly token: string | null;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : value[0];
}

export function flatten(headers: HookRequest["headers"]): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, single(value)]));
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(header: string | undefined): string | null {
  const match = header === undefined ? null : /^bearer +(.+)$/i.exec(header.trim());
  return match?.[1]?.trim() ?? null;
}
