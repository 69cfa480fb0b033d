import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import type { ReplayJobView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { Progress } from "../../ui/progress.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { countOf, countWords, durationWords } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import styles from "./jobs.module.css";

const LOOKS: Readonly<Record<ReplayJobView["state"], { tone: Tone; shape: Shape; word: string }>> = {
  queued: { tone: "wait", shape: "clock", word: "Queued" },
  running: { tone: "busy", shape: "arrow", word: "Running" },
  done: { tone: "ok", shape: "tick", word: "Done" },
  cancelled: { tone: "idle", shape: "ring", word: "Cancelled" },
  failed: { tone: "fail", shape: "cross", word: "Failed" },
};

const isUnderWay = ({ state }: ReplayJobView): boolean => state === "queued" || state === "running";

function useJobs() {
  const { query } = useHub();
  const jobs = useInfiniteQuery(
    query.replays.list.infiniteOptions({
      input: (cursor: string | null) => ({ cursor, limit: 50 }),
      initialPageParam: null as string | null,
      getNextPageParam: ({ nextCursor }) => nextCursor,
    }),
  );
  const cancel = useMutation(
    query.replays.cancel.mutationOptions({
      onError: (error) => toast.failed("The replay was not stopped", messageOf(error)),
    }),
  );
  return { jobs, cancel: (id: string) => cancel.mutate({ id }), all: jobs.data?.pages.flatMap(({ items }) => items) };
}

/** What a replay is about, in words. */
function aboutOf({ request: { filter, targets } }: ReplayJobView, peerName: (id: string) => string): string {
  const { peerId, state, cause, reason, type, entryIds, seqs } = filter;
  const what =
    entryIds !== null
      ? countOf(entryIds.length, "chosen entry", "chosen entries")
      : seqs !== null
        ? countOf(seqs.length, "chosen event")
        : state === "dead"
          ? "Dead letters"
          : state === null
            ? "Events"
            : `Entries that are ${state}`;
  return [
    what,
    peerId === null ? (targets === "peers" ? "" : `to ${targets}`) : `for ${peerName(peerId)}`,
    cause === null ? "" : `ended by ${reasonWords(cause)}`,
    reason === null ? "" : `dropped by ${reasonWords(reason)}`,
    type === null ? "" : `of type ${type}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** Replays under way, above whatever is listed. */
export function RunningJobs({ peerName }: { peerName: (id: string) => string }) {
  const { all = [], cancel } = useJobs();
  const running = all.filter(isUnderWay);
  if (running.length === 0) return null;
  return (
    <section className={styles.running} aria-label="Replays under way">
      {running.map((job) => (
        <Progress
          key={job.id}
          label={`Replay: ${aboutOf(job, peerName)}`}
          done={job.done + job.skipped}
          total={job.total}
          onCancel={() => cancel(job.id)}
        />
      ))}
    </section>
  );
}

/** Every replay that was asked for, the newest first. */
export function Jobs({ peerName }: { peerName: (id: string) => string }) {
  const { jobs, all, cancel } = useJobs();
  if (all === undefined)
    return jobs.error === null ? (
      <Skeleton />
    ) : (
      <ErrorState title="The replays cannot be shown" error={jobs.error} onRetry={() => void jobs.refetch()} />
    );
  if (all.length === 0)
    return (
      <EmptyState title="No replays yet">
        Choose dead letters or delivered entries and replay them: each replay is a job, with its progress here.
      </EmptyState>
    );
  return (
    <div className={styles.scroll}>
      <ul className={styles.jobs} aria-label="Replays">
        {all.map((job) => (
          <li key={job.id} className={styles.job}>
            <StateMark tone={LOOKS[job.state].tone} shape={LOOKS[job.state].shape}>
              {LOOKS[job.state].word}
            </StateMark>
            <span className={styles.about} title={job.error ?? undefined}>
              {aboutOf(job, peerName)}
              {job.error === null ? "" : `: ${job.error}`}
            </span>
            {isUnderWay(job) ? (
              <Progress
                label={`Replay ${job.state}`}
                done={job.done + job.skipped}
                total={job.total}
                onCancel={() => cancel(job.id)}
              />
            ) : (
              <span className={styles.counts}>
                {countWords(job.done)} of {countWords(job.total)} sent again
                {job.skipped === 0 ? "" : `, ${countWords(job.skipped)} left out`}
              </span>
            )}
            <span className={styles.took}>
              {job.finishedAt === null ? "" : `took ${durationWords(job.finishedAt - job.createdAt)}`}
            </span>
            <span className={styles.took}>
              <Time at={job.createdAt} />
            </span>
          </li>
        ))}
      </ul>
      {jobs.hasNextPage ? (
        <Button onClick={() => void jobs.fetchNextPage()} disabled={jobs.isFetchingNextPage}>
          Older replays
        </Button>
      ) : null}
    </div>
  );
}
