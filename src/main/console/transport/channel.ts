export { CLOSE } from "../../../shared/console-close.ts";

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

/** Cut so that it fits into a close frame (RFC 6455 5.5). */
export function closeReason(sentence: string): string {
  let text = sentence;
  while (Buffer.byteLength(text) > 123) text = `${text.slice(0, -2).trimEnd()}…`;
  return text;
}
