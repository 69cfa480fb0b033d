/** Why the line of a console is ended, as the close codes of a WebSocket (4000 and up are an application's own). */
export const CLOSE = {
  stopping: 1001,
  malformed: 1007,
  /** The key or token is not good (any more). */
  unauthorized: 4401,
  /** The page was opened by another start of this hub, or by hand: the token it has, if any, is not of this one. */
  otherStart: 4410,
  /** There is no Kite Desktop hub at that address, or none of that id. */
  notFound: 4404,
  /** The other hub cannot be reached. */
  unreachable: 4503,
  /** Its certificate is not trusted. */
  tls: 4525,
} as const;

const LASTING: readonly number[] = [CLOSE.unauthorized, CLOSE.otherStart, CLOSE.notFound, CLOSE.tls];

/** Codes that waiting does not heal: a person has to do something. */
export const needsAPerson = (code: number): boolean => LASTING.includes(code);
