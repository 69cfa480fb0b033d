import type { Envelope } from "./cloud-event.ts";

/** The kite* extensions that belong to a copy of an event rather than to the event. */
export interface CopyExtensions {
  /** Place in the log of the hub that shows the copy; absent on the way to a peer. */
  readonly seq?: number;
  readonly origin: string | null;
  /** kitefedchain as it stands on the wire: the text of a JSON array. */
  readonly chain: string;
  readonly hops: number;
}

/**
 * Writes an event as a structured CloudEvent, joining the stored texts without parsing them.
 * Provenance is left out of a local event (hops 0, no origin), as a real Kite does before the first hop.
 */
export function renderEvent(event: Envelope, copy: CopyExtensions): string {
  let text = `{"specversion":"1.0","id":${JSON.stringify(event.id)},"source":${JSON.stringify(event.source)},"type":${JSON.stringify(event.type)}`;
  if (event.attrs !== "") text += `,${event.attrs}`;
  if (event.summary !== null) text += `,"kitesummary":${JSON.stringify(event.summary)}`;
  if (event.headers !== null) text += `,"kiteoriginalheaders":${JSON.stringify(event.headers)}`;
  if (copy.seq !== undefined) text += `,"kiteseq":${copy.seq}`;
  if (copy.hops > 0 || copy.origin !== null)
    text += `,"kitefedorigin":${JSON.stringify(copy.origin ?? "")},"kitefedchain":${JSON.stringify(copy.chain)},"kitefedhops":${copy.hops}`;
  if (event.data !== null) text += `,"data":${event.data}`;
  return `${text}}`;
}
