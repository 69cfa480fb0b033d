import { z } from "zod";
import type { AttemptView } from "../../../shared/contract/index.ts";
import type { HubInside, Ledger } from "../../hub/index.ts";

type AttemptRecord = Awaited<ReturnType<Ledger["attempts"]>>[number];

const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string()), z.number()]));

/** Headers as they were recorded: a value that came more than once is one text. */
export function readHeaders(text: string): Record<string, string> {
  const headers = Headers.parse(JSON.parse(text));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
  );
}

export function attemptView(attempt: AttemptRecord, registry: HubInside["registry"]): AttemptView {
  return {
    id: attempt.id,
    // A peer that was removed has lost its number here; its id is still good.
    peer: { no: registry.peerById(attempt.peerId)?.no ?? 0, id: attempt.peerId, name: attempt.peerName },
    at: attempt.at.getTime(),
    duration: attempt.durationMs,
    outcome: attempt.outcome,
    status: attempt.status,
    error: attempt.error,
    batch: attempt.batch,
    entries: attempt.entries,
    firstSeq: attempt.firstSeq,
    lastSeq: attempt.lastSeq,
    url: attempt.url,
    requestHeaders: readHeaders(attempt.requestHeaders),
    requestBytes: attempt.requestBytes,
    responseHeaders: attempt.responseHeaders === null ? null : readHeaders(attempt.responseHeaders),
    responseBody: attempt.responseBody,
  };
}
