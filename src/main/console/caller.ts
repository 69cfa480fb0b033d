import { implement } from "@orpc/server";
import { contract } from "../../shared/contract/index.ts";

/** Who asks: whose data is shown, and whether it is a console of this hub's own machine or one elsewhere, with a key. */
export interface Caller {
  readonly team: string;
  readonly local: boolean;
}

/** The contract, to be implemented: one handler for each call. */
export const os = implement(contract).$context<Caller>();
