/** The names in a text with commas or blanks between them. */
export const namesIn = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== "");

/**
 * Links between the same hubs after their names were typed anew: a hub that stands in its old place under another name keeps
 * its links. Where hubs came or went, or two have one name, nobody can say which is which, and links stay as they are.
 */
export function followNames<L extends { readonly from: string; readonly to: string }>(
  links: readonly L[],
  before: readonly string[],
  after: readonly string[],
): readonly L[] {
  const clear = (names: readonly string[]): boolean => new Set(names).size === names.length;
  if (before.length !== after.length || !clear(before) || !clear(after)) return links;
  const now = new Map(before.map((name, at) => [name, after[at] ?? name]));
  return links.map((link) => ({ ...link, from: now.get(link.from) ?? link.from, to: now.get(link.to) ?? link.to }));
}
