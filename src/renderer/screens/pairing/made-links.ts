/** Pairing links made on this page. The hub shows each once; they live as long as the page. */
const links = new Map<string, string>();

export const keepLink = (id: string, link: string): void => void links.set(id, link);
export const linkOf = (id: string): string | null => links.get(id) ?? null;
