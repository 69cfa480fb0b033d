/** Why the hub cannot listen where it should, in words for the person who starts it. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** The error of listening with the address in it and how to mend it; any other error as it is. */
export function toListenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const explain = (sentence: string): ListenError => new ListenError(sentence, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return explain(
        `The port ${port} of ${host} is in use by another program. Choose another one with --port or KITE_PORT; 0 takes a free one.`,
      );
    case "EACCES":
      return explain(
        `The port ${port} may not be opened by this user. Choose one above 1023 with --port or KITE_PORT.`,
      );
    case "EADDRNOTAVAIL":
      return explain(`This machine does not have the address ${host}. Set --host or KITE_HOST to one it has.`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return explain(
        `${host} is no address to listen on. Set --host or KITE_HOST to one of this machine's, such as 127.0.0.1.`,
      );
    default:
      return error;
  }
}
