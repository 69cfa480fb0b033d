import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState, useSyncExternalStore } from "react";
import type { OverviewView } from "../../../shared/contract/index.ts";
import { useHub, useHubState } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { Attention } from "./attention.tsx";
import { FirstSteps } from "./first-steps.tsx";
import styles from "./overview.module.css";
import { Rates } from "./rates.tsx";
import { OverviewSearch } from "./search.ts";
import { Totals } from "./totals.tsx";

/** Is anything wrong right now, and what is to be done first? On a fresh hub: the first steps. */
export function OverviewScreen() {
  const { query } = useHub();
  const [{ window }, setSearch] = useScreenSearch(OverviewSearch);
  const { data, error, refetch } = useQuery(query.overview.get.queryOptions({ placeholderData: keepPreviousData }));
  const wasFresh = useRef(false);
  if (data?.fresh === true) wasFresh.current = true;
  if (data === undefined)
    return error === null ? (
      <Skeleton lines={12} />
    ) : (
      <ErrorState title="The overview cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  if (data.fresh) return <FirstSteps />;
  return (
    <div className={styles.screen}>
      {wasFresh.current ? <FirstEvent /> : null}
      <Health overview={data} stale={error !== null} />
      {data.attention.length === 0 ? null : <Attention items={data.attention} />}
      <Totals totals={data.totals} />
      <Rates window={window} onWindow={(each) => setSearch({ window: each })} />
    </div>
  );
}

/** How the hub is, in one line. */
function Health({ overview: { attention }, stale }: { overview: OverviewView; stale: boolean }) {
  const state = useHubState();
  const errors = attention.filter(({ severity }) => severity === "error").length;
  const warnings = attention.length - errors;
  const phase = state?.phase ?? "starting";
  if (phase !== "running")
    return (
      <p className={styles.health}>
        <StateMark tone={phase === "degraded" ? "fail" : "wait"} shape="warning">
          {phase === "degraded" ? state?.problems.join(" ") : `The hub is ${phase}.`}
        </StateMark>
      </p>
    );
  const parts = [
    ...(errors === 0 ? [] : [countOf(errors, "error")]),
    ...(warnings === 0 ? [] : [countOf(warnings, "warning")]),
  ];
  return (
    <p className={styles.health} role="status">
      {attention.length === 0 ? (
        <StateMark tone="ok" shape="tick">
          Everything is well
        </StateMark>
      ) : (
        <StateMark tone={errors > 0 ? "fail" : "wait"} shape={errors > 0 ? "cross" : "warning"}>
          {countOf(attention.length, "thing")} {attention.length === 1 ? "needs" : "need"} a hand: {parts.join(", ")}
        </StateMark>
      )}
      {stale ? <span className={styles.stale}>This may be out of date: the hub did not answer.</span> : null}
    </p>
  );
}

/** Said once, to the person who has seen the first steps. */
function FirstEvent() {
  const { feed } = useHub();
  const [gone, setGone] = useState(false);
  useSyncExternalStore(feed.onChange, () => feed.version);
  const first = feed.buffer.at(feed.buffer.first);
  if (gone || first?.kind !== "row") return null;
  const { seq, type, source } = first.row;
  return (
    <section className={styles.first} aria-label="First event">
      <StateMark tone="ok" shape="tick">
        Your first event is here
      </StateMark>
      <span className={styles.from}>
        {type} from {source}
      </span>
      <HubLink to={`event/${seq}`} className={styles.action}>
        See what happened to it
      </HubLink>
      <Button look="quiet" onClick={() => setGone(true)}>
        Dismiss
      </Button>
    </section>
  );
}
