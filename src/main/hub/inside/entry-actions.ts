import { decide, explainReason } from "../../../shared/rules/index.ts";
import { entryId } from "../entry-id.ts";
import { HubError } from "../errors.ts";
import type { OutboundFederation } from "../federation/outbound/index.ts";
import { editedEventOf, type ReplayService } from "../federation/replay/index.ts";
import { type EventLog, provenanceOf } from "../log/index.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { readEntry, readEvent } from "../store/ledger.ts";
import type { EntryActions } from "./actions.ts";

export interface EntryActionDeps {
  readonly db: Database;
  readonly registry: RegistryView;
  readonly log: EventLog;
  readonly outbound: OutboundFederation;
  readonly replays: ReplayService;
  readonly touched: (seqs: readonly number[]) => void;
}

/** What a person does to one outbox entry. */
export function openEntryActions(deps: EntryActionDeps): EntryActions {
  const { db, registry, log, outbound, replays, touched } = deps;
  const telling = async (seq: number, work: Promise<void>): Promise<void> => {
    await work;
    touched([seq]);
  };
  return {
    retryNow: (team, entry) => telling(entry.seq, outbound.retryNow(team, entry)),
    cancel: (team, entry) => telling(entry.seq, outbound.cancelEntry(team, entry)),
    replay: (team, entry) => telling(entry.seq, replays.replayEntry(team, entry)),
    async editAndResend(team, key, data) {
      const gone = `There is no outbox entry ${entryId(key)}; retention may have taken it.`;
      const entry = await readEntry(db, team, key);
      if (entry === null) throw new HubError("not_found", gone);
      const event = await readEvent(db, team, entry.seq);
      if (event === null) throw new HubError("not_found", `Event ${entry.seq} is gone; retention has taken it.`);
      const peer = registry.peerByNo(entry.peer);
      if (peer === undefined) throw new HubError("conflict", `The peer ${entry.peerName} was removed.`);
      const made = editedEventOf(event, data);
      const routable = { type: made.type, provenance: provenanceOf(made.copy), dataBytes: made.dataBytes };
      const decision = decide(routable, { instanceId: registry.instanceId }, peer.policy);
      if (decision.outcome === "drop")
        throw new HubError(
          "conflict",
          `Routing would not forward it. ${explainReason(decision.reason, decision.evidence)}`,
        );
      const result = await log.acceptFor(made, peer.no);
      if (entry.state === "pending" || entry.state === "dead") {
        try {
          await outbound.cancelEntry(team, entry);
          touched([entry.seq]);
        } catch (error) {
          // It was claimed meanwhile: the peer gets both, and the screen shows both.
          if (!(error instanceof HubError) || error.code !== "conflict") throw error;
        }
      }
      return result;
    },
  };
}
