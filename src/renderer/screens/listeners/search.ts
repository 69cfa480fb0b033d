import { z } from "zod";

export const ListenersSearch = z.object({ client: z.string().optional().catch(undefined) });
