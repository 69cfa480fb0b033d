import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { EvidenceValue, Headers, type RefusalView } from "../../../shared/contract/index.ts";
import { explainRefusal } from "../../../shared/refusals.ts";
import { cursorsOf, HubError, type RefusalRecord } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { page } from "../show/page.ts";

const cursors = cursorsOf(z.uuid());

export function refusalCalls({ inside: { ledger, registry } }: Services) {
  function show(refusal: RefusalRecord): RefusalView {
    const { peerId, peerName } = refusal;
    const evidence = EvidenceValue.parse(JSON.parse(refusal.evidence));
    return {
      id: refusal.id,
      at: refusal.at.getTime(),
      route: refusal.route,
      reason: refusal.reason,
      sentence: explainRefusal(refusal.reason, evidence),
      peer:
        peerId === null || peerName === null
          ? null
          : { no: registry.peerById(peerId)?.no ?? 0, id: peerId, name: peerName },
      event: refusal.event,
      evidence,
      source: refusal.hook,
      bodyBytes: refusal.bodyBytes,
    };
  }

  return {
    list: os.refusals.list.handler(async ({ input, context: { team } }) => {
      const { reason, peerId, source, cursor, limit } = input;
      const before = cursors.read(cursor ?? undefined);
      const found = await ledger.refusals({ team, peerId, reason, hook: source, before, limit: limit + 1 });
      return page(cursors, found, limit, ({ id }) => id, show);
    }),
    get: os.refusals.get.handler(async ({ input: { id }, context: { team } }) => {
      const found = z.uuid().safeParse(id).success ? await ledger.refusal(team, id) : null;
      if (found === null) throw new HubError("not_found", `There is no refused request with id ${id}.`);
      const { body, headers } = found;
      const readable = body !== null && isUtf8(body);
      return {
        ...show(found),
        headers: headers === null ? null : Headers.parse(JSON.parse(headers)),
        body:
          body === null
            ? null
            : {
                text: readable ? body.toString("utf8") : null,
                base64: readable ? null : body.toString("base64"),
                truncated: body.length < (found.bodyBytes ?? 0),
              },
      };
    }),
  };
}
