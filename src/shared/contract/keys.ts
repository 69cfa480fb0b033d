import { z } from "zod";
import { PERMISSIONS } from "../permissions.ts";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  prefix: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  scopes: z.array(z.string()),
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
  createdAt: Time,
  state: z.enum(["active", "expired", "revoked"]),
  /** True for the keys that the hub made for itself: they cannot be revoked here. */
  own: z.boolean(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const keys = {
  list: consoleCall.output(z.array(ApiKeyView)),
  create: consoleCall
    .input(
      z.object({
        name: z.string().max(120).nullable(),
        permissions: z.array(z.enum(PERMISSIONS)).min(1),
        scopes: z.array(z.string()).default(["*"]),
        expiresAt: Time.nullable().default(null),
      }),
    )
    .output(z.object({ key: ApiKeyView, secret: z.string(), kite: z.string(), curl: z.string() })),
  revoke: consoleCall.input(z.object({ id: z.string() })).output(ApiKeyView),
};
