/** A text of at most so many characters (UTF-16 units), with an ellipsis where it was longer, and no half characters. */
export function clipped(text: string, most: number): string {
  return (text.length > most ? `${text.slice(0, most - 1)}…` : text).toWellFormed();
}
