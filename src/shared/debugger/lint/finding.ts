import { z } from "zod";
import { Change } from "../changes.ts";
import { EvidenceShape } from "../evidence.ts";
import type { TopologyMap } from "../map.ts";

export const LINT_RULES = [
  "cycle",
  "copies",
  "out_of_reach",
  "ends_disagree",
  "cloned_id",
  "unseen_scope",
  "no_return",
] as const;

export const SEVERITIES = ["error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something about a topology that is worth knowing before an event has to find out. */
export const Finding = z.object({
  id: z.string().describe("The same for the same finding in a later run."),
  rule: z.enum(LINT_RULES),
  severity: z
    .enum(SEVERITIES)
    .describe("`error`: events are lost or refused. `warning`: probably not meant. `info`: good to know."),
  sentence: z.string(),
  instances: z.array(z.string()).describe("Keys of the instances concerned, in the order that matters."),
  links: z.array(z.string()).describe("Ids of the links concerned."),
  values: EvidenceShape.describe("The numbers and names in the sentence, for programs."),
  fix: z
    .object({ sentence: z.string(), changes: z.array(Change) })
    .nullable()
    .describe("What would mend it, as changes that can be tried out first; null where only people can know."),
});
export type Finding = z.infer<typeof Finding>;

/** Event types that an instance has received of late, with how many events of each. */
export interface SeenTypes {
  readonly instance: string;
  readonly types: readonly { readonly type: string; readonly events: number }[];
}

export interface LintInput {
  readonly map: TopologyMap;
  readonly seen: readonly SeenTypes[];
}
