import { createHash } from "node:crypto";
import { hubUrl } from "../../../shared/debugger/index.ts";

/**
 * Stands for where a hub is, without saying it: who knows the address knows that it is the same place. Hubs of other
 * makes have no instance id that they tell, and two of us may both be linked to one.
 */
export function placeOf(hookUrl: string): string {
  return createHash("sha256")
    .update(`kite place ${hubUrl(hookUrl)}`)
    .digest("hex")
    .slice(0, 32);
}
