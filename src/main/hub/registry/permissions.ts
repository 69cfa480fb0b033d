import { PERMISSIONS, type Permission } from "../../../shared/permissions.ts";
import type { ApiKey } from "../model.ts";

const rank = (permission: Permission): number => PERMISSIONS.indexOf(permission);

/** Permissions as they are compared: trimmed, lower case, `*` as admin; unknown ones grant nothing (kite-wire.md 2). */
export function readPermissions(permissions: readonly string[]): Permission[] {
  const names = permissions.map((name) => name.trim().toLowerCase()).map((name) => (name === "*" ? "admin" : name));
  return names.filter((name): name is Permission => PERMISSIONS.some((known) => known === name));
}

/** Does a key with these permissions have this one? A higher one includes the lower (kite-wire.md 2). */
export function permits(granted: readonly Permission[], needed: Permission): boolean {
  return granted.some((permission) => rank(permission) >= rank(needed));
}

/** May a key still be used? */
export function isGood({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > now);
}
