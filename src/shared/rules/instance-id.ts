/** An instance id with more UTF-16 units than this is refused. */
export const MAX_INSTANCE_ID_LENGTH = 128;

const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const ALL_UNPRINTABLE = /[\p{Cc}\p{Cs}]/gu;

/** The bound that an id in a provenance exceeds; null if it exceeds none. An empty id is odd, not out of bounds. */
export function instanceIdProblem(id: string): "id_too_long" | "id_has_control_characters" | null {
  if (id.length > MAX_INSTANCE_ID_LENGTH) return "id_too_long";
  return UNPRINTABLE.test(id) ? "id_has_control_characters" : null;
}

/** Why a string cannot be an instance's own id, for people; null if it can. */
export function invalidInstanceId(id: string): string | null {
  if (id === "") return "an instance id cannot be empty";
  const problem = instanceIdProblem(id);
  if (problem === "id_too_long") return `an instance id has at most ${MAX_INSTANCE_ID_LENGTH} characters`;
  if (problem !== null) return "an instance id cannot have control characters or unpaired surrogates";
  return null;
}

/** An id as it can be stored and shown: cut to its bound, with a mark for each character that cannot. */
export function printableInstanceId(id: string): string {
  return id.slice(0, MAX_INSTANCE_ID_LENGTH).replace(ALL_UNPRINTABLE, "\uFFFD");
}

/** No instance may be configured with an id that begins so. */
const UNCONFIRMED = "?";

/**
 * What stands in a chain for an instance that was read without knowing its id: its peer's name here, marked. Whoever
 * puts such an id into a chain only keeps the event from being forwarded.
 */
export function unconfirmedId(peerName: string): string {
  return `${UNCONFIRMED}${peerName}`.slice(0, MAX_INSTANCE_ID_LENGTH).toWellFormed();
}

export function isUnconfirmed(id: string): boolean {
  return id.startsWith(UNCONFIRMED);
}
