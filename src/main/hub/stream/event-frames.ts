import { renderEvent } from "../../../shared/event/index.ts";
import type { LogEvent } from "../model.ts";

const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** An event as every client sees it: a CloudEvent with kiteseq and its provenance (kite-wire.md 5). */
export function renderForListener(event: LogEvent): string {
  return renderEvent(event, { seq: event.seq, ...event.copy });
}

const kept = new WeakMap<LogEvent, Buffer>();

/**
 * The WebSocket frames of several events, headers included, ready for one write. Frames of a server are not masked
 * (RFC 6455 5.1), so the same bytes serve every session.
 * @param shared others will want these events in other company: each frame is kept with its event, which costs the
 *   garbage collector more than building it once
 */
export function eventFrames(events: readonly LogEvent[], shared: boolean): Buffer {
  if (shared) return Buffer.concat(events.map(keptFrame));
  const texts = events.map(frameText);
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0));
  let at = 0;
  texts.forEach((text, index) => {
    at = writeFrame(frames, at, text, lengths[index] ?? 0);
  });
  return frames;
}

function keptFrame(event: LogEvent): Buffer {
  let frame = kept.get(event);
  if (frame === undefined) {
    frame = eventFrames([event], false);
    kept.set(event, frame);
  }
  return frame;
}

const frameText = (event: LogEvent): string =>
  `{"type":"event","seq":${event.seq},"event":${renderForListener(event)}}`;

const headerLength = (length: number): number => (length < LENGTH_16 ? 2 : length < 0x10000 ? 4 : 10);

/** Writes one unfragmented text frame (RFC 6455 5.2). @returns where it ends */
function writeFrame(into: Buffer, start: number, text: string, length: number): number {
  const at = start + headerLength(length);
  into[start] = FIN_TEXT;
  if (length < LENGTH_16) into[start + 1] = length;
  else if (length < 0x10000) {
    into[start + 1] = LENGTH_16;
    into.writeUInt16BE(length, start + 2);
  } else {
    into[start + 1] = LENGTH_64;
    into.writeBigUInt64BE(BigInt(length), start + 2);
  }
  return at + into.write(text, at);
}
