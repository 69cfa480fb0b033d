import { z } from "zod";

const Chain = z.array(z.string());

/** A stored chain as a list. */
export function readChain(text: string): string[] {
  return text === "[]" ? [] : Chain.parse(JSON.parse(text));
}
