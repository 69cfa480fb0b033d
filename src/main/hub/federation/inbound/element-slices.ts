/**
 * Cuts a JSON array into the raw texts of its elements, however deeply they nest. It stands in for `arraySlices` when
 * that gives up at an element that is too deep.
 * @param text valid JSON whose top level is an array
 */
export function elementSlices(text: string): string[] {
  const slices: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"':
        i = endOfString(text, i);
        break;
      case "[":
      case "{":
        if (++depth === 1) start = i + 1;
        break;
      case ",":
        if (depth !== 1) break;
        slices.push(text.slice(start, i).trim());
        start = i + 1;
        break;
      case "]":
      case "}": {
        if (--depth > 0) break;
        const last = text.slice(start, i).trim();
        return last === "" ? slices : [...slices, last];
      }
    }
  }
  return slices;
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}
