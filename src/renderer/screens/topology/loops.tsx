import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { TopologyView } from "../../../shared/contract/index.ts";
import type { Finding, LoopGroup } from "../../../shared/debugger/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import { TopologySearch, WINDOW_WORDS } from "./search.ts";
import styles from "./topology.module.css";

const NOTHING: ReadonlySet<string> = new Set();
const MINUTE_MS = 60_000;
const STEPS = 24;

/** The cycles of the map, and the events that were stopped because of one or had come too far. */
export function Loops({
  view,
  cycles,
  onPoint,
}: {
  view: TopologyView;
  cycles: readonly Finding[];
  onPoint: (links: ReadonlySet<string>) => void;
}) {
  const { query } = useHub();
  const [{ window: windowMinutes }] = useScreenSearch(TopologySearch);
  const stepMs = Math.max(MINUTE_MS, Math.ceil((windowMinutes * MINUTE_MS) / STEPS));
  // The start moves with the map's own time, in whole steps, so that one question is asked again and not a new one.
  const since = Math.floor((view.at - windowMinutes * MINUTE_MS) / stepMs) * stepMs;
  const { data, error, refetch } = useQuery(
    query.loops.list.queryOptions({ input: { since, stepMs }, placeholderData: keepPreviousData }),
  );
  return (
    <div className={styles.details}>
      <h2 className={styles.subheading}>Cycles of the map</h2>
      {cycles.length === 0 ? <p className={styles.quiet}>No cycle is known.</p> : null}
      <ul className={styles.findings} aria-label="Cycles">
        {cycles.map(({ id, links, sentence }) => (
          <li key={id} onMouseEnter={() => onPoint(new Set(links))} onMouseLeave={() => onPoint(NOTHING)}>
            <button
              type="button"
              className={styles.plain}
              onFocus={() => onPoint(new Set(links))}
              onBlur={() => onPoint(NOTHING)}
            >
              {sentence}
            </button>
          </li>
        ))}
      </ul>
      <h2 className={styles.subheading}>Stopped events, {WINDOW_WORDS[windowMinutes]}</h2>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={3} />
        ) : (
          <ErrorState title="The stopped events cannot be shown" error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <p className={styles.quiet}>No event was stopped by a loop or a hop limit.</p>
      ) : (
        <ul className={styles.findings} aria-label="Stopped events">
          {data.map((group) => (
            <li key={group.id}>
              <Group group={group} since={since} stepMs={stepMs} until={view.at} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Group({ group, since, stepMs, until }: { group: LoopGroup; since: number; stepMs: number; until: number }) {
  const { sentence, events, counts, example, lastAt } = group;
  const steps = Math.max(2, Math.ceil((until - since) / stepMs));
  const values = Array.from({ length: steps }, (_, at) => at * stepMs + since).map((from) =>
    counts.reduce((sum, { at, events: n }) => (at >= from && at < from + stepMs ? sum + n : sum), 0),
  );
  return (
    <>
      <p>{sentence}</p>
      <p className={styles.badges}>
        <strong>{countOf(events, "event")}</strong>
        <Sparkline
          values={values}
          label={`${countOf(events, "event")} over time, at most ${Math.max(...values)} at once`}
        />
        <span>
          last <Time at={lastAt} />
        </span>
      </p>
      {example.seq === null ? null : (
        <p>
          <HubLink to="explain" search={{ seq: example.seq }}>
            Explain event {countWords(example.seq)}
          </HubLink>{" "}
          <span className={styles.quiet}>{example.type}</span>
        </p>
      )}
    </>
  );
}
