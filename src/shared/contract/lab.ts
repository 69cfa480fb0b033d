import { z } from "zod";
import { CheckedExpectation, Fault, LabFile, LabReport, LabStep } from "../lab/index.ts";
import { consoleCall } from "./errors.ts";
import { Duration, Time } from "./values.ts";

/** A lab that ships with the app: a lesson with its expectation. */
export const LabRecipe = z.object({ name: z.string(), lesson: z.string(), file: LabFile });

const Traffic = z.object({
  at: z.string(),
  type: z.string().min(1).max(256),
  perSecond: z.number().min(0.1).max(500),
});

/** The lab that runs. Its hubs can be looked at like any other: `hubId` stands in the list of hubs. */
export const LabView = z.object({
  file: LabFile,
  /** `idle`: the hubs are up, and steps can be taken. `running`: the file's own steps are being taken. */
  state: z.enum(["starting", "idle", "running", "failed"]),
  startMs: Duration.nullable(),
  /** Those that are up. `events`: how many it has accepted. */
  hubs: z.array(
    z.object({ key: z.string(), instanceId: z.string(), url: z.string(), hubId: z.string(), events: z.int() }),
  ),
  /** All of them, with what became of the copies on each, as its sender counts them. */
  links: z.array(
    z.object({
      id: z.string(),
      from: z.string(),
      to: z.string(),
      /** Between the hubs; `paused` is the sender's own doing. */
      fault: Fault.nullable(),
      paused: z.boolean(),
      requests: z.int(),
      waiting: z.int(),
      delivered: z.int(),
      dead: z.int(),
      stopped: z.int(),
    }),
  ),
  /** What is published over and over, at most once for each hub. */
  traffic: z.array(Traffic),
  /** Steps that were taken by hand, after those of the file. */
  taken: z.array(LabStep),
  /** Nothing is owed anywhere. */
  quiet: z.boolean(),
  /** The expectations as things stand; null before the first look, while steps are taken, and with too many events. */
  standing: z.array(CheckedExpectation).nullable(),
  published: z.int(),
  story: z.array(z.string()),
  report: LabReport.nullable(),
  /** What went wrong, as a sentence. */
  error: z.string().nullable(),
});
export type LabView = z.infer<typeof LabView>;

export const lab = {
  recipes: consoleCall.output(z.array(LabRecipe)),
  /** The lab that is open; null when there is none. The topic `lab` tells of changes. */
  get: consoleCall.output(LabView.nullable()),
  /** Starts the hubs of a lab, in place of the one that is open. Answers at once; `get` shows how it goes. With `run`, its steps follow. */
  open: consoleCall.input(z.object({ file: LabFile, run: z.boolean().default(false) })).output(LabView),
  /** Does one thing to the open lab: traffic, a fault, a pause. */
  take: consoleCall.input(z.object({ step: LabStep })).output(LabView),
  /** Publishes at a hub of the lab until it is stopped. */
  startTraffic: consoleCall.input(Traffic).output(LabView),
  stopTraffic: consoleCall.input(Traffic.pick({ at: true })).output(LabView),
  /** Takes the file's own steps, and checks what it expects. Answers at once; `get` has the report in the end. */
  run: consoleCall.output(LabView),
  close: consoleCall,
  /** The latest events of all its hubs as one list, newest first. */
  timeline: consoleCall.input(z.object({ limit: z.int().min(1).max(500).default(200) })).output(
    z.array(
      z.object({
        at: Time,
        hub: z.string(),
        seq: z.int(),
        id: z.string(),
        type: z.string(),
        hops: z.int(),
        chain: z.array(z.string()),
      }),
    ),
  ),
};
