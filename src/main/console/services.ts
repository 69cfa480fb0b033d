import type { z } from "zod";
import type { ConfigValue, Topic } from "../../shared/contract/index.ts";
import type { HubInside, Signal } from "../hub/index.ts";
import type { Labs } from "../lab/index.ts";
import type { LiveRows } from "./live/live-rows.ts";
import type { DeliveryRates } from "./live/rates.ts";

/** What the console tells of the program it runs in. */
export interface ConsoleSetting {
  readonly dataDir: string | null;
  readonly database: "embedded" | "external";
  /** The labs of this program; absent where it runs none. */
  readonly labs?: Labs;
  /** The hub is one of an open lab, whose hubs have no secrets from each other. */
  readonly ofLab?: boolean;
  readonly config: readonly z.infer<typeof ConfigValue>[];
}

/** What the calls of the contract are answered from. */
export interface Services {
  readonly inside: HubInside;
  readonly setting: ConsoleSetting;
  readonly rows: LiveRows;
  readonly rates: DeliveryRates;
  /** Topics of what the console itself keeps. */
  readonly changed: Signal<Topic>;
}
