import { randomBytes, randomUUID } from "node:crypto";
import { uuidv7 } from "uuidv7";
import { now } from "../measure/clock.ts";

/** Bytes of a structured event, as most webhooks are: about a kilobyte. */
export const EVENT_BYTES = 1_024;

export const EVENT_TYPE = "com.bench.event";

/** Random ids meet the index of ids at random places; those that sort by time, always at its end. */
export type IdKind = "random" | "sorted";

/**
 * What each event carries, as one string, so that it comes through any system unchanged and is found by one search: its
 * run, its number in the run, and when it was sent or should have been, on the clock of `now()`.
 */
export interface Stamp {
  readonly run: string;
  readonly n: number;
  readonly sent: number;
}

const RUN = 6;
const NUMBER = 8;
const SENT = 16;
const STAMP_BYTES = RUN + NUMBER + SENT + 2;
const NEEDLE = Buffer.from('"bench":"');
const FILLINGS = 64;

/** A name for a run that no other run of this bench has. */
export function newRun(): string {
  return randomBytes(RUN / 2).toString("hex");
}

/** Makes the events of one run: structured CloudEvents of {@link EVENT_BYTES}, of ASCII characters only. */
export class EventSource {
  readonly #run: string;
  readonly #newId: () => string;
  // Contents that differ and do not compress to nothing, as real ones do not.
  readonly #fillings: readonly string[];

  constructor(run: string, ids: IdKind) {
    this.#run = run;
    this.#newId = ids === "random" ? randomUUID : uuidv7;
    const rest = EVENT_BYTES - Buffer.byteLength(this.#event(0, 0, ""));
    this.#fillings = Array.from({ length: FILLINGS }, () => randomBytes(rest).toString("base64url").slice(0, rest));
  }

  /** @param sent see {@link Stamp} */
  make(n: number, sent = now()): string {
    return this.#event(n, sent, this.#fillings[n % FILLINGS] ?? "");
  }

  #event(n: number, sent: number, filling: string): string {
    const stamp = `${this.#run}:${String(n).padStart(NUMBER, "0")}:${sent.toFixed(3).padStart(SENT, "0")}`;
    return `{"specversion":"1.0","id":"${this.#newId()}","source":"https://bench.example/orders","type":"${EVENT_TYPE}","time":"2026-01-01T00:00:00.000Z","datacontenttype":"application/json","data":{"bench":"${stamp}","text":"${filling}"}}`;
  }
}

/** Finds the stamp in a message that holds an event of the bench; null when it holds none. */
export function readStamp(message: Buffer): Stamp | null {
  const at = message.indexOf(NEEDLE);
  if (at === -1) return null;
  const start = at + NEEDLE.length;
  const [run = "", n, sent] = message.toString("latin1", start, start + STAMP_BYTES).split(":");
  return { run, n: Number(n), sent: Number(sent) };
}
