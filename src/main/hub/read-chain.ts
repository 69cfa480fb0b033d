/**
 * A stored chain, the text of a JSON array, as a list. Checked by hand: every event that came by a peer passes here before
 * its commit, and again for every lane.
 * @throws SyntaxError, TypeError when it is no such text
 */
export function readChain(text: string): string[] {
  const chain: unknown = JSON.parse(text);
  if (!isIds(chain)) throw new TypeError("A stored chain must be a list of instance ids.");
  return chain;
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((id) => typeof id === "string");
}
