const ITEM = "[data-map-item]";
const DIRECTIONS: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/** The item nearest in a direction, of those that lie that way. Sideways counts double, so that a row is kept. */
export function moveFocus(container: HTMLElement, key: string): boolean {
  const way = DIRECTIONS[key];
  if (way === undefined) return false;
  const items = [...container.querySelectorAll<HTMLElement>(ITEM)];
  const here = items.find((item) => item === document.activeElement);
  if (here === undefined) {
    items[0]?.focus();
    return items.length > 0;
  }
  const from = centreOf(here);
  let best: { item: HTMLElement; distance: number } | null = null;
  for (const item of items) {
    const to = centreOf(item);
    const along = (to.x - from.x) * way.x + (to.y - from.y) * way.y;
    const across = Math.abs((to.x - from.x) * way.y) + Math.abs((to.y - from.y) * way.x);
    if (item === here || along <= 1) continue;
    const distance = along + across * 2;
    if (best === null || distance < best.distance) best = { item, distance };
  }
  best?.item.focus();
  return true;
}

function centreOf(item: HTMLElement): { x: number; y: number } {
  const { left, top, width, height } = item.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
