import { HubError } from "../errors.ts";
import { compose, type ReceiveDeps } from "../ingest/index.ts";
import type { HubInside } from "./inside.ts";

/** Takes events that are made by hand. @throws HubError not_found, bad_request, too_large, unavailable */
export function openComposer(deps: ReceiveDeps): HubInside["compose"] {
  return async (team, { source, headers, body }) => {
    const received = await compose({ team, source, headers, body: Buffer.from(body) }, deps);
    if (received.kind === "challenge")
      throw new HubError("bad_request", "This is a provider's question whether the endpoint exists, not an event.");
    if (received.kind === "batch")
      throw new HubError("bad_request", "A batch cannot be sent from here; send its events one by one.");
    const { outcome } = received;
    switch (outcome.status) {
      case "accepted":
        return outcome;
      case "duplicate_ignored":
        return { status: "duplicate", seq: outcome.seq, id: outcome.id, conflict: outcome.conflict };
      case "own_id_in_chain":
        throw new HubError("conflict", `The event ${outcome.id} has this instance in its chain: it would be ignored.`);
      case "invalid":
        throw new HubError("bad_request", outcome.error, { field: "body" });
    }
  };
}
