import { z } from "zod";

const Text = z.string().optional().catch(undefined);

/** What the address says of the refused requests: which are listed, and which is at the side. */
export const RefusalsSearch = z.object({ reason: Text, source: Text, peer: Text, id: Text });
