import { z } from "zod";
import type { Evidence } from "../rules/index.ts";

/** The values that a rule compared, as they travel. */
export const EvidenceShape = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
);

/** The rules' evidence is read-only; a shape that travels is not. */
export function copyEvidence(evidence: Evidence): z.infer<typeof EvidenceShape> {
  return Object.fromEntries(
    Object.entries(evidence).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null ? [...value] : value,
    ]),
  );
}
