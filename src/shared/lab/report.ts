import { z } from "zod";

/** What became of an expectation. */
export const CheckedExpectation = z.object({
  sentence: z.string(),
  ok: z.boolean(),
  details: z.array(z.string()).describe("What was found instead; the first few cases of it."),
  event: z
    .object({ hub: z.string(), seq: z.int(), id: z.string() })
    .nullable()
    .describe("The event that shows it best, and the instance where it can be looked at."),
});
export type CheckedExpectation = z.infer<typeof CheckedExpectation>;

/** What a run of a lab came to. */
export const LabReport = z.object({
  name: z.string(),
  lesson: z.string(),
  ok: z.boolean(),
  instances: z.int(),
  startMs: z.number().describe("From nothing to hubs that listen, in milliseconds."),
  totalMs: z.number(),
  published: z.int(),
  story: z.array(z.string()).describe("What was done, in order."),
  expectations: z.array(CheckedExpectation),
});
export type LabReport = z.infer<typeof LabReport>;

/** The report as a page for a terminal. */
export function sayReport(report: LabReport): string {
  const failed = report.expectations.filter(({ ok }) => !ok).length;
  const lines = [
    report.name,
    `  ${report.lesson}`,
    "",
    ...report.story.map((line) => `  · ${line}`),
    "",
    ...report.expectations.flatMap(({ sentence, ok, details }) => [
      `  ${ok ? "ok    " : "FAILED"}  ${sentence}`,
      ...details.map((detail) => `            ${detail}`),
    ]),
    "",
    `  ${failed === 0 ? "As expected" : `${failed} of ${report.expectations.length} expectations failed`}: ` +
      `${report.instances} hubs up in ${seconds(report.startMs)}, ${report.published} events, ${seconds(report.totalMs)} in all.`,
  ];
  return lines.join("\n");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
