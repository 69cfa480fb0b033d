import { z } from "zod";
import { native } from "./native.ts";

/** A function to run in this process, as Playwright's `ElectronApplication.evaluate` does it. */
const Order = z.object({ id: z.number(), source: z.string(), argument: z.unknown() });

process.on("message", (message) => {
  const { id, source, argument } = Order.parse(message);
  void run(source, argument).then(
    (value) => process.send?.({ id, value }),
    (error) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function run(source: string, argument: unknown): Promise<unknown> {
  const electron = await import("./electron.ts");
  // The test that started this process sends its own functions.
  const order = new Function(`return (${source});`)() as (electron: object, argument: unknown) => unknown;
  return (await order({ ...electron, native }, argument)) ?? null;
}
