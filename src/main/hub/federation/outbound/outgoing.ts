import { type CopyExtensions, renderEvent } from "../../../../shared/event/index.ts";
import { type MaskRule, maskEvent } from "../../../../shared/masking/index.ts";
import {
  type Decision,
  type DropReason,
  decide,
  LOCAL_PROVENANCE,
  nextProvenance,
  type PeerPolicy,
  type Provenance,
  type Self,
  wireProvenance,
} from "../../../../shared/rules/index.ts";
import { provenanceOf } from "../../log/index.ts";
import type { HeldCopy, LogEvent } from "../../model.ts";

/** Changes of mind that take an owed entry back. */
const NOT_ANY_MORE: ReadonlySet<string> = new Set<DropReason>(["loop", "peer_revoked", "receive_only"]);

/** The event as it goes over the wire, or what routing says against it by now. */
export type Outgoing =
  | { readonly send: true; readonly text: string }
  | { readonly send: false; readonly drop: Extract<Decision, { outcome: "drop" }> };

/**
 * Prepares events for one peer. Routing is asked once more, for since the entry was queued the peer may have been
 * revoked or set to receive only, or its instance id learned, which shows a loop. Any other change of mind does not take an owed entry back.
 */
export class OutgoingEvents {
  readonly #self: Self;
  // Most events of a lane came the same way, so the last way is kept instead of parsing every chain.
  #copy: HeldCopy = { origin: null, chain: "[]", hops: 0 };
  #held: Provenance = LOCAL_PROVENANCE;
  #next: CopyExtensions;

  constructor(instanceId: string) {
    this.#self = { instanceId };
    this.#next = extensions(LOCAL_PROVENANCE, instanceId);
  }

  prepare(event: LogEvent, peer: PeerPolicy, masks: readonly MaskRule[] = []): Outgoing {
    this.#follow(event.copy);
    const decision = decide({ type: event.type, dataBytes: event.dataBytes, provenance: this.#held }, this.#self, peer);
    if (decision.outcome === "drop" && NOT_ANY_MORE.has(decision.reason)) return { send: false, drop: decision };
    return { send: true, text: renderEvent(masks.length === 0 ? event : maskEvent(event, masks), this.#next) };
  }

  #follow(copy: HeldCopy): void {
    const last = this.#copy;
    if (copy.chain === last.chain && copy.hops === last.hops && copy.origin === last.origin) return;
    this.#copy = copy;
    this.#held = provenanceOf(copy);
    this.#next = extensions(this.#held, this.#self.instanceId);
  }
}

function extensions(held: Provenance, instanceId: string): CopyExtensions {
  const { kitefedorigin, kitefedchain, kitefedhops } = wireProvenance(nextProvenance(held, instanceId));
  return { origin: kitefedorigin, chain: kitefedchain, hops: kitefedhops };
}
