export type { KiteCommands } from "./kite-commands.ts";
export { type KitePaired, KitePairing, type KiteServer } from "./kite-pairing.ts";
