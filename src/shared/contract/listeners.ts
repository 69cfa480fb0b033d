import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

/** A WebSocket client, connected or remembered by its cursor. */
export const ListenerView = z.object({
  clientId: z.string(),
  /** Null: not connected now. */
  connectedAt: Time.nullable(),
  remote: z.string().nullable(),
  scopes: z.array(z.string()),
  keyName: z.string().nullable(),
  keyPrefix: z.string().nullable(),
  /** How far it has acknowledged; null for one without a cursor. */
  cursor: z.int().nullable(),
  /** How far it was sent; null when it is not connected. */
  sent: z.int().nullable(),
  /** Events of the log after its cursor, whether its scopes match them or not. */
  behind: z.int(),
  updatedAt: Time.nullable(),
  /** True when what it would go on from has been taken by retention. */
  expired: z.boolean(),
  /** The agent ids it listens for. */
  agents: z.array(z.string()),
});
export type ListenerView = z.infer<typeof ListenerView>;

const One = z.object({ clientId: z.string() });

export const listeners = {
  list: consoleCall.output(z.array(ListenerView)),
  /** Ends the connections of a client; it may come back. */
  disconnect: consoleCall.input(One),
  /** Forgets a cursor: the client starts live when it comes back, a paired hub at its own place. Not possible while it is connected. */
  forget: consoleCall.input(One),
};
