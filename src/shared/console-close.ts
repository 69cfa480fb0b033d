/** Why the line of a console is ended, as the close codes of a WebSocket (4000 and up are an application's own). */
export const CLOSE = {
  stopping: 1001,
  malformed: 1007,
  /** The key or token is not good (any more). */
  unauthorized: 4401,
  /** There is no Kite Desktop hub at that address, or none of that id. */
  notFound: 4404,
  /** The other hub cannot be reached. */
  unreachable: 4503,
  /** Its certificate is not trusted. */
  tls: 4525,
} as const;

/** Codes that waiting does not heal: a person has to do something. */
export const needsAPerson = (code: number): boolean =>
  code === CLOSE.unauthorized || code === CLOSE.notFound || code === CLOSE.tls;
