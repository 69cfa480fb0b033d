import type { ApiKey, Permission } from "../model.ts";

const RANK: Readonly<Record<Permission, number>> = { read: 1, write: 2, admin: 3 };

/** Permissions as they are compared: trimmed, lower case, `*` as admin; unknown ones grant nothing (kite-wire.md 2). */
export function readPermissions(permissions: readonly string[]): Permission[] {
  const names = permissions.map((name) => name.trim().toLowerCase()).map((name) => (name === "*" ? "admin" : name));
  return names.filter((name): name is Permission => Object.hasOwn(RANK, name));
}

/** Does a key with these permissions have this one? A higher one includes the lower (kite-wire.md 2). */
export function permits(granted: readonly Permission[], needed: Permission): boolean {
  return granted.some((permission) => RANK[permission] >= RANK[needed]);
}

/** May a key still be used? */
export function isGood({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > now);
}
