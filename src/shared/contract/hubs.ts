import { z } from "zod";
import { consoleCall } from "./errors.ts";

/** A hub that this console can look at. The first is always the one it runs with, `local`. */
export const HubRef = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  /** Which colour and word stand for it everywhere. */
  environment: z.enum(["local", "lab", "development", "staging", "production"]),
  instanceId: z.string().nullable(),
});
export type HubRef = z.infer<typeof HubRef>;

/** Asked of the console's own hub only, whichever hub is looked at. */
export const hubs = {
  list: consoleCall.output(z.array(HubRef)),
  /** Tries the key before anything is kept. The key is stored encrypted, and never shown again. */
  add: consoleCall
    .input(
      z.object({
        name: z.string().trim().min(1).max(60),
        url: z.string().min(1).max(2_048),
        adminKey: z.string().min(1).max(1_024),
        environment: HubRef.shape.environment.exclude(["local", "lab"]),
      }),
    )
    .output(HubRef),
  remove: consoleCall.input(z.object({ id: z.string() })),
};
