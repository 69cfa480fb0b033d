import { z } from "zod";

const Chain = z.array(z.string());

/** A stored chain, the text of a JSON array, as a list. */
export function readChain(text: string): string[] {
  return Chain.parse(JSON.parse(text));
}
