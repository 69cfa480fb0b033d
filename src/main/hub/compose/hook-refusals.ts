import type { Refusal as RefusedRequest } from "../federation/inbound/index.ts";
import { maskedHeaders, type Refusal } from "../ingest/index.ts";
import type { RegistryView } from "../registry/index.ts";

/**
 * A refused request to an endpoint, as it is kept: what was compared, the headers with secrets masked, the size of the
 * body, and of the body itself as many bytes as may be kept.
 * @param bodyLimit bytes; 0 keeps no body
 */
export function hookRefusal(
  { request, reason, event, evidence, unread }: Refusal,
  registry: Pick<RegistryView, "hasTeam" | "hook">,
  bodyLimit: number,
): RefusedRequest {
  const { team, source, headers, body } = request;
  const known = registry.hasTeam(team);
  return {
    team: known ? team : null,
    route: `/hooks/${team}/${source}`,
    reason,
    peer: null,
    eventId: event?.id ?? null,
    eventSource: event?.source ?? null,
    eventType: event?.type ?? null,
    evidence,
    hook: known && registry.hook(team, source) !== undefined ? source : null,
    headers: maskedHeaders(headers),
    // A copy: a part of a buffer would keep all of it in memory.
    body: bodyLimit === 0 ? null : Buffer.from(body.subarray(0, bodyLimit)),
    ...(unread === true ? {} : { bodyBytes: body.length }),
  };
}
