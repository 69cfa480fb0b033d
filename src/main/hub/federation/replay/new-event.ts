import { createHash } from "node:crypto";
import { uuidv7 } from "uuidv7";
import { objectSlices, utf8Length } from "../../../../shared/event/index.ts";
import { eventIdentity } from "../../log/index.ts";
import type { Candidate, LogEvent } from "../../model.ts";

/** The extension by which an event that was replayed under a new id names the old one. */
const REPLAY_OF = "kitereplayof";

/**
 * The event that a job makes of another one: the same in everything but its id. It keeps the way the first one came,
 * so that it is not sent back to where that was.
 */
export function newEventOf(event: LogEvent, job: { readonly id: string; readonly createdAt: Date }): Candidate {
  const id = replayId(job, event.seq);
  return {
    id,
    source: event.source,
    type: event.type,
    attrs: attrsOf(event),
    data: event.data,
    summary: event.summary,
    headers: event.headers,
    dataBytes: event.dataBytes,
    team: event.team,
    hook: event.hook,
    via: null,
    copy: event.copy,
    integrity: event.integrity,
    verified: event.verified,
    agentTo: event.agentTo,
    identity: eventIdentity(event.team, event.source, id),
  };
}

/** The event with other data, made by hand: a new event of this hub, which begins its way here. */
export function editedEventOf(event: LogEvent, data: string): Candidate {
  const id = uuidv7();
  return {
    ...newEventOf(event, { id, createdAt: new Date(0) }),
    id,
    data,
    dataBytes: utf8Length(data),
    hook: null,
    copy: { origin: null, chain: "[]", hops: 0 },
    integrity: null,
    verified: false,
    identity: eventIdentity(event.team, event.source, id),
  };
}

function attrsOf(event: LogEvent): string {
  const others = objectSlices(`{${event.attrs}}`).filter(({ name }) => name !== REPLAY_OF);
  return [...others.map(({ name, raw }) => `"${name}":${raw}`), `"${REPLAY_OF}":${JSON.stringify(event.id)}`].join(",");
}

/**
 * A UUIDv7 of the job's time, whose other bits come from the job and the event: when a step is repeated after a crash,
 * its events have the same ids, and the log knows them already.
 */
function replayId(job: { readonly id: string; readonly createdAt: Date }, seq: number): string {
  const bytes = createHash("sha256").update(`${job.id}:${seq}`).digest().subarray(0, 16);
  bytes.writeUIntBE(job.createdAt.getTime(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
