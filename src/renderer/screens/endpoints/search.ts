import { z } from "zod";

/** What the address says of the Endpoints: which is at the side. */
export const EndpointsSearch = z.object({ source: z.string().optional().catch(undefined) });
