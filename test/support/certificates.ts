import { readFileSync } from "node:fs";
import { join } from "node:path";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "certificates", name), "utf8");

/** The authority of the certificates below. */
export const CA = read("ca.pem");

/** A certificate of tests, with its key. */
export function certificate(name: "good" | "expired" | "other-name"): { cert: string; key: string } {
  return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
}
