import { z } from "zod";

/** What the address says of the API keys: which is at the side. */
export const KeysSearch = z.object({ id: z.string().optional().catch(undefined) });
