export { DeliveryFailed, type DeliveryFailedOptions, type Timer } from "./delivery-failed.ts";
export type { DeliveryFailure } from "./failure.ts";
