import { renderEvent } from "../../../shared/event/index.ts";
import type { LogEvent } from "../model.ts";

const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const built = new WeakMap<LogEvent, Buffer>();

/** An event as every client sees it: a CloudEvent with kiteseq and its provenance (kite-wire.md 5). */
export function renderForListener(event: LogEvent): string {
  return renderEvent(event, { seq: event.seq, ...event.copy });
}

/**
 * An event's WebSocket frame, header included, built once however many sessions it goes to. Frames of a server are not
 * masked (RFC 6455 5.1), so the same bytes serve them all, and several frames can be joined into one write.
 */
export function eventFrame(event: LogEvent): Buffer {
  let frame = built.get(event);
  if (frame === undefined) {
    frame = textFrame(`{"type":"event","seq":${event.seq},"event":${renderForListener(event)}}`);
    built.set(event, frame);
  }
  return frame;
}

/** The frames of several events, ready for one write. */
export function eventFrames(events: readonly LogEvent[]): Buffer {
  const [first] = events;
  return events.length === 1 && first !== undefined ? eventFrame(first) : Buffer.concat(events.map(eventFrame));
}

/** One unfragmented text frame (RFC 6455 5.2). */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < LENGTH_16 ? 2 : length < 0x10000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FIN_TEXT;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
