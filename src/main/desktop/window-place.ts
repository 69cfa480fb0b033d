import type { Rectangle } from "electron";

export interface Place extends Rectangle {
  readonly maximized: boolean;
}

const WANTED = { width: 1_280, height: 800 };
export const SMALLEST = { width: 760, height: 480 };
/** How much of the window must lie on a display, so that a person can take hold of it. */
const VISIBLE = { width: 120, height: 40 };

/**
 * Where the window goes: where it was, if that can be seen on a display of now; else its old size, as far as it fits,
 * in the middle of the first one.
 * @param displays the areas windows may use, the main one first
 */
export function placeWindow(remembered: Place | null, displays: readonly Rectangle[]): Place {
  const main = displays[0] ?? { x: 0, y: 0, ...WANTED };
  if (remembered !== null) {
    const home = displays.find((display) => canBeSeen(remembered, display));
    if (home !== undefined) return { ...remembered, ...limit(remembered, home) };
  }
  const size = limit(remembered ?? WANTED, main);
  return {
    ...size,
    x: Math.round(main.x + (main.width - size.width) / 2),
    y: Math.round(main.y + (main.height - size.height) / 2),
    maximized: remembered?.maximized ?? false,
  };
}

function limit(size: { width: number; height: number }, display: Rectangle): { width: number; height: number } {
  const within = (length: number, least: number, most: number): number => Math.min(Math.max(length, least), most);
  return {
    width: within(size.width, SMALLEST.width, display.width),
    height: within(size.height, SMALLEST.height, display.height),
  };
}

/** The title bar counts: a window whose upper edge is out of reach cannot be moved back. */
function canBeSeen(window: Rectangle, display: Rectangle): boolean {
  const across = Math.min(window.x + window.width, display.x + display.width) - Math.max(window.x, display.x);
  const below = display.y + display.height - window.y;
  return across >= VISIBLE.width && below >= VISIBLE.height && window.y >= display.y;
}
