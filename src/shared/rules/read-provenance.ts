import { instanceIdProblem, MAX_INSTANCE_ID_LENGTH, printableInstanceId } from "./instance-id.ts";
import { checkIntegrity, type IntegrityIssue } from "./integrity.ts";
import { MAX_CHAIN_LENGTH, MAX_HOPS, type Provenance } from "./provenance.ts";
import type { Evidence } from "./reasons.ts";

/** The three extension attributes as they came, still unknown JSON values. */
export interface WireProvenance {
  readonly origin?: unknown;
  readonly chain?: unknown;
  readonly hops?: unknown;
}

/** What reading a provenance comes to. */
export type ReadProvenance =
  | { readonly ok: true; readonly provenance: Provenance; readonly issues: readonly IntegrityIssue[] }
  | { readonly ok: false; readonly reason: "provenance_invalid"; readonly evidence: Evidence };

/**
 * Reads kitefedorigin, kitefedchain and kitefedhops as they came (kite-wire.md 11.2): an absent or unparsable chain is
 * empty, hops may be an integer or a decimal string, absent is 0. What merely does not fit is kept and marked in
 * `issues`. What is out of bounds is refused: a chain that is not an array of strings or has more than
 * {@link MAX_CHAIN_LENGTH} ids, an id that is longer than {@link MAX_INSTANCE_ID_LENGTH}, has control characters or
 * is not valid Unicode.
 *
 * @param callerId the instance id of the peer that pushes the event, or null where nobody vouches for the last id
 */
export function readProvenance(wire: WireProvenance, callerId: string | null = null): ReadProvenance {
  const chain = readChain(wire.chain);
  if (!chain.ok) return { ok: false, reason: "provenance_invalid", evidence: chain.evidence };

  const origin = readOrigin(wire.origin);
  if (!origin.ok) return { ok: false, reason: "provenance_invalid", evidence: origin.evidence };

  const hops = readHops(wire.hops);
  const provenance: Provenance = {
    origin: origin.value,
    chain: chain.value,
    hops: Math.max(hops.value, chain.value.length),
  };
  const issues = checkIntegrity(provenance, hops.value, callerId);
  const parsed = chain.parsed && origin.parsed && hops.parsed;
  return { ok: true, provenance, issues: parsed ? issues : [...issues, "unparsable"] };
}

type Part<T> =
  | { readonly ok: true; readonly value: T; readonly parsed: boolean }
  | { readonly ok: false; readonly evidence: Evidence };

const CHAIN_FIELD = "kitefedchain";
const ORIGIN_FIELD = "kitefedorigin";

function readChain(raw: unknown): Part<readonly string[]> {
  if (raw === undefined || raw === null) return { ok: true, value: [], parsed: true };
  if (typeof raw !== "string") return checkChain(raw, false);
  try {
    return checkChain(JSON.parse(raw), true);
  } catch {
    return { ok: true, value: [], parsed: false };
  }
}

function checkChain(list: unknown, parsed: boolean): Part<readonly string[]> {
  if (!Array.isArray(list)) return outOfBounds(CHAIN_FIELD, "not_an_array_of_strings", { found: kindOf(list) });
  if (list.length > MAX_CHAIN_LENGTH) {
    return outOfBounds(CHAIN_FIELD, "too_many_ids", { count: list.length, limit: MAX_CHAIN_LENGTH });
  }
  const ids: string[] = [];
  for (const [index, id] of list.entries()) {
    if (typeof id !== "string") {
      return outOfBounds(CHAIN_FIELD, "not_an_array_of_strings", { index, found: kindOf(id) });
    }
    const problem = instanceIdProblem(id);
    if (problem !== null) return outOfBounds(CHAIN_FIELD, problem, { index, ...idEvidence(id) });
    ids.push(id);
  }
  return { ok: true, value: ids, parsed };
}

function readOrigin(raw: unknown): Part<string | null> {
  if (raw === undefined || raw === null) return { ok: true, value: null, parsed: true };
  if (typeof raw !== "string" || raw === "") return { ok: true, value: null, parsed: false };
  const problem = instanceIdProblem(raw);
  if (problem !== null) return outOfBounds(ORIGIN_FIELD, problem, idEvidence(raw));
  return { ok: true, value: raw, parsed: true };
}

const DECIMAL = /^[+-]?\d+$/;

function readHops(raw: unknown): { readonly value: number; readonly parsed: boolean } {
  if (raw === undefined || raw === null) return { value: 0, parsed: true };
  const number = typeof raw === "string" && DECIMAL.test(raw) ? Number(raw) : raw;
  if (typeof number !== "number" || Number.isNaN(number)) return { value: 0, parsed: false };
  // Rounded up and cut off at the top, never to 0: a hop count that does not fit must not give an event a longer way.
  const value = Math.min(Math.max(Math.ceil(number), 0), MAX_HOPS);
  return { value, parsed: value === number };
}

function idEvidence(id: string): Evidence {
  return { length: id.length, limit: MAX_INSTANCE_ID_LENGTH, id: printableInstanceId(id) };
}

function outOfBounds(field: string, problem: string, values: Evidence): { ok: false; evidence: Evidence } {
  return { ok: false, evidence: { field, problem, ...values } };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
