/**
 * Where an event came from, as the copy an instance holds says it: the instance that first received it, the instances
 * it passed through in order (the holder itself is not among them), and how many hops it made.
 */
export interface Provenance {
  readonly origin: string | null;
  readonly chain: readonly string[];
  readonly hops: number;
}

/** The provenance of an event received here first: from a hook, an SDK or an agent. */
export const LOCAL_PROVENANCE: Provenance = Object.freeze({ origin: null, chain: Object.freeze([]), hops: 0 });

/** A chain with more ids than this is refused. */
export const MAX_CHAIN_LENGTH = 64;

/** The largest hop count that is kept: a CloudEvents Integer has 32 bits and a sign. Larger ones count as this. */
export const MAX_HOPS = 2_147_483_647;

/** The hops a copy counts with: the larger of its hop count and its chain, so that lying can only shorten its way. */
export function countedHops(provenance: Provenance): number {
  return provenance.hops > provenance.chain.length ? provenance.hops : provenance.chain.length;
}

/** What the sender puts on the copy it forwards: the origin if absent, its own id at the end of the chain, one more hop. */
export function nextProvenance(provenance: Provenance, selfId: string): Provenance {
  return {
    origin: provenance.origin ?? provenance.chain[0] ?? selfId,
    chain: [...provenance.chain, selfId],
    hops: countedHops(provenance) + 1,
  };
}

/** The extension attributes of a copy to be sent (kite-wire.md 11.2: the chain is a string that holds a JSON array). */
export function wireProvenance(provenance: Provenance): {
  kitefedorigin: string;
  kitefedchain: string;
  kitefedhops: number;
} {
  return {
    kitefedorigin: provenance.origin ?? provenance.chain[0] ?? "",
    kitefedchain: JSON.stringify(provenance.chain),
    kitefedhops: provenance.hops,
  };
}
