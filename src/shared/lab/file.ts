import { z } from "zod";
import { Expectation } from "./expectations.ts";
import { Fault } from "./faults.ts";
import { LabTopology, labTopology } from "./topology.ts";

const at = z.string().describe("Key of the instance.");
const link = z.string().describe("Name of a link, such as A>B.");

/** One thing that happens in a lab. Steps are taken one after another. */
export const LabStep = z.discriminatedUnion("do", [
  z
    .strictObject({
      do: z.literal("publish"),
      at,
      type: z.string().min(1).max(256).default("com.example.order.created"),
      count: z.int().min(1).max(10_000).default(1),
      perSecond: z.number().positive().max(10_000).optional().describe("Without it, as fast as the hub takes them."),
      bytes: z.int().min(2).max(262_144).default(64).describe("Size of the data."),
    })
    .describe("Events are posted to the instance's webhook."),
  z
    .strictObject({
      do: z.literal("message"),
      at,
      from: z.string(),
      to: z.string(),
      body: z.string(),
      count: z.int().min(1).max(1_000).default(1),
    })
    .describe("An agent of the instance sends messages to another agent."),
  z.strictObject({ do: z.literal("fault"), link, fault: Fault }).describe("The link breaks in this way."),
  z.strictObject({ do: z.literal("heal"), link }).describe("The link works again."),
  z.strictObject({ do: z.literal("pause"), link }).describe("The sender pauses the peer: what is forwarded waits."),
  z.strictObject({ do: z.literal("resume"), link }),
  z
    .strictObject({
      do: z.literal("settle"),
      except: z.array(z.string()).default([]).describe("Links whose entries may be owed still."),
    })
    .describe("Waits until nothing is owed anywhere."),
  z.strictObject({ do: z.literal("wait"), ms: z.int().min(1).max(60_000) }),
]);
export type LabStep = z.infer<typeof LabStep>;

/** A lab: a topology of real hubs, what happens to it, and what must be true in the end. */
export const LabFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).max(120),
    lesson: z.string().describe("What it shows, for people."),
    topology: LabTopology,
    retryMs: z
      .array(z.int().min(1).max(3_600_000))
      .min(1)
      .max(50)
      .default([100, 300, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000])
      .describe("The ages at which failed deliveries are tried again; after the last one they are dead letters."),
    faults: z
      .array(z.strictObject({ link, fault: Fault }))
      .default([])
      .describe("In place from the start."),
    steps: z.array(LabStep).max(1_000).describe("Traffic, and what happens meanwhile."),
    timeoutMs: z.int().min(1_000).max(600_000).default(30_000).describe("How long a settle may take."),
    expect: z.array(Expectation).max(200).describe("What must be true in the end. Everything else is settled first."),
  })
  .check((context) => {
    const { instances, links } = labTopology(context.value.topology);
    const keys = new Set(instances.map(({ key }) => key));
    const names = new Set(links.map(({ id }) => id));
    const check = (part: string, index: number, item: object): void => {
      if ("at" in item && typeof item.at === "string" && !keys.has(item.at))
        report(part, index, `there is no instance ${item.at}`);
      if ("link" in item && typeof item.link === "string" && !names.has(item.link))
        report(part, index, `there is no link ${item.link}; links are named A>B`);
    };
    const report = (part: string, index: number, message: string): void => {
      context.issues.push({ code: "custom", message, input: context.value, path: [part, index] });
    };
    for (const part of ["faults", "steps", "expect"] as const)
      for (const [index, item] of context.value[part].entries()) check(part, index, item);
  });
export type LabFile = z.infer<typeof LabFile>;

/** A topology in a file of its own, or that of a lab: what the lint reads. */
export const TopologyFile = z.preprocess(
  (value) => (typeof value === "object" && value !== null && "topology" in value ? value.topology : value),
  LabTopology,
);

/** The published JSON Schema of lab files. */
export function labFileSchema(): object {
  const schema = z.toJSONSchema(LabFile, { io: "input" });
  return { ...schema, title: "A lab of Kite Desktop", description: "Topology, traffic, faults and expectations." };
}

/** What is wrong with a file, a line for each problem, each with its place. */
export function sayFileProblems(error: z.ZodError): string {
  return closest(error.issues)
    .map(({ path, message }) => `  ${path.length === 0 ? "(whole file)" : path.join(".")}: ${message}`)
    .join("\n");
}

/** Of several forms that a part may have, the problems of the one that it is closest to. */
function closest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const [best = []] = issue.errors.map(closest).sort((a, b) => a.length - b.length);
    return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}
