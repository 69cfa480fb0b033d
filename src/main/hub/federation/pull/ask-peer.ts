import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { arraySlices } from "../../../../shared/event/index.ts";
import { LinkError } from "./link-error.ts";
import { rawMember, type StreamedEvent } from "./server-frames.ts";
import { type StreamAddress, StreamSocket } from "./stream-socket.ts";

const ANSWER_MS = 15_000;

/** The payload of an answer: its exact text, and the same through JSON.parse. */
export interface Payload {
  readonly text: string;
  readonly value: unknown;
}

/**
 * Asks a peer something over its stream, by a short connection of its own as the CLI does it (kite-wire.md 7).
 * @throws LinkError
 */
export async function askPeer(address: StreamAddress, method: string, params: unknown): Promise<Payload> {
  const socket = await StreamSocket.open({ ...address, clientId: null });
  const id = uuidv7();
  const deadline = performance.now() + ANSWER_MS;
  try {
    socket.request(id, method, params);
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) throw new LinkError("timeout", `The peer did not answer ${method} in time.`);
      for (const frame of await socket.take(256, left)) {
        if (frame.type !== "response" || frame.id !== id) continue;
        if (frame.ok) return { text: frame.text, value: frame.payload };
        const said = z.object({ error: z.string() }).safeParse(frame.payload);
        throw new LinkError(
          "protocol",
          `The peer refused ${method}: ${said.data?.error.slice(0, 300) ?? "without a reason"}`,
        );
      }
    }
  } finally {
    socket.close();
  }
}

const Recent = z.object({ events: z.array(z.object({ seq: z.int().min(0), event: z.looseObject({}) })) });

/** The newest events of the peer's log, oldest first. @throws LinkError */
export async function askRecent(address: StreamAddress, limit: number): Promise<StreamedEvent[]> {
  const { text, value } = await askPeer(address, "events.recent", { limit });
  const read = Recent.safeParse(value);
  if (!read.success) throw new LinkError("protocol", "The peer's answer to events.recent cannot be read.");
  const rows = arraySlices(rawMember(text, "events") ?? "[]");
  return read.data.events
    .map(({ seq, event }, index) => ({ seq, text: rawMember(rows[index] ?? "{}", "event") ?? "", value: event }))
    .sort((a, b) => a.seq - b.seq);
}
