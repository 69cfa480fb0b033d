import { ORPCError } from "@orpc/client";

/** The field that an error of the hub names; "" where it names none. */
export function fieldOf(error: unknown): string {
  const data: unknown = error instanceof ORPCError ? error.data : null;
  const field = typeof data === "object" && data !== null && "field" in data ? data.field : null;
  return typeof field === "string" ? (field.split(".")[0] ?? "") : "";
}
