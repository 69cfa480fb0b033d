/** A message of oRPC, as both transports carry it. */
export type Message = string | Uint8Array;

/** A two-way line of messages to one console, or from it to another hub. */
export interface Channel {
  /** Resolves when the other side has room for more; at once where that cannot be known. */
  send(message: Message): Promise<void> | void;
  onMessage(listener: (message: Message) => void): void;
  onClose(listener: () => void): void;
  /** Tells why, and ends the line. The reason has room for 123 bytes. Idempotent. */
  close(code: number, reason: string): void;
}

/** Why a line is ended, as the close codes of a WebSocket (4000 and up are an application's own). */
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

/** Cut so that it fits into a close frame (RFC 6455 5.5). */
export function closeReason(sentence: string): string {
  let text = sentence;
  while (Buffer.byteLength(text) > 123) text = `${text.slice(0, -2).trimEnd()}…`;
  return text;
}
