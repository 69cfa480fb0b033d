export type { JobRunnerOptions } from "./job-runner.ts";
export { ListenerReplayer, type ReplayLog } from "./listener-replayer.ts";
export { editedEventOf } from "./new-event.ts";
export { type ReplayJob, ReplayService } from "./replay-service.ts";
export type { ReplayFilter, ReplayRequest } from "./request.ts";
