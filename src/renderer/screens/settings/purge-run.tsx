import { useEffect, useRef, useState } from "react";
import { lowerFirst } from "../../../shared/lower-first.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Progress } from "../../ui/progress.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import styles from "./settings.module.css";

export interface PurgeWanted {
  readonly filter: string;
  readonly before: number | null;
}

interface Step {
  readonly purged: number;
  readonly total: number;
  readonly cancelled: number;
  readonly refused: number;
}

/** What a purge takes, as it is counted in a sentence: bodies of refused requests only where there are any. */
export function purgedOf(events: number, refused: number): string {
  const payloads = countOf(events, "payload");
  if (refused === 0) return payloads;
  const bodies = countOf(refused, "refused body", "refused bodies");
  return events === 0 ? bodies : `${payloads} and ${bodies}`;
}

type State = { readonly kind: "running" | "done" | "stopped" } | { readonly kind: "failed"; readonly why: string };

const NOTHING: Step = { purged: 0, total: 0, cancelled: 0, refused: 0 };

/** A purge as it goes; leaving the screen ends it between two steps, as Cancel does. */
export function PurgeRun({ wanted, onDone }: { wanted: PurgeWanted; onDone: () => void }) {
  const { client } = useHub();
  const [step, setStep] = useState<Step>(NOTHING);
  const [state, setState] = useState<State>({ kind: "running" });
  const [attempt, setAttempt] = useState(1);
  const end = useRef<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt is a purge of its own
  useEffect(() => {
    const abort = new AbortController();
    end.current = abort;
    const run = async (): Promise<void> => {
      try {
        let done = false;
        for await (const each of await client.events.purge(wanted, { signal: abort.signal })) {
          setStep(each);
          done = each.done;
        }
        if (abort.signal.aborted) return;
        setState(done ? { kind: "done" } : { kind: "failed", why: "the hub ended it before its end." });
      } catch (error) {
        if (!abort.signal.aborted) setState({ kind: "failed", why: lowerFirst(messageOf(error)) });
      }
    };
    // In the next turn, so that an effect that is undone at once has started nothing.
    const timer = setTimeout(() => void run(), 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, wanted, attempt]);
  // What was focused has gone with the step before, and the keyboard with it.
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state has buttons of its own
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.querySelector("button")?.focus();
  }, [state.kind]);
  const stop = (): void => {
    end.current?.abort();
    setState({ kind: "stopped" });
  };
  const again = (): void => {
    setStep(NOTHING);
    setState({ kind: "running" });
    setAttempt(attempt + 1);
  };
  if (state.kind === "running")
    return (
      <div className={styles.section} ref={box}>
        <Progress
          label="Purging"
          done={step.purged + step.refused}
          total={step.total}
          counting={step.total === 0}
          onCancel={stop}
        />
        <p className={styles.note}>
          Stay on this screen until it is done: leaving it stops the purge, and what was purged stays purged.
        </p>
      </div>
    );
  return (
    <div className={styles.section} ref={box}>
      <div role="status" className={styles.outcome}>
        <Outcome step={step} state={state} />
      </div>
      <div className={styles.foot}>
        {state.kind === "done" ? null : <Button onClick={again}>Purge the rest</Button>}
        <Button onClick={onDone}>Back to the filter</Button>
      </div>
    </div>
  );
}

function Outcome({ step, state }: { step: Step; state: Exclude<State, { kind: "running" }> }) {
  const { purged, refused, cancelled, total } = step;
  const named = purgedOf(purged, refused);
  const owed = cancelled === 0 ? "" : `, and ${countOf(cancelled, "delivery", "deliveries")} cancelled`;
  if (state.kind === "done")
    return (
      <StateMark tone="ok" shape="tick">
        {`${named} purged${owed}.`}
      </StateMark>
    );
  const so = purged + refused === 0 ? "before anything was purged" : `after ${named} of ${countWords(total)}${owed}`;
  return (
    <>
      <StateMark tone={state.kind === "failed" ? "fail" : "wait"} shape={state.kind === "failed" ? "cross" : "pause"}>
        {state.kind === "failed" ? `It stopped ${so}: ${state.why}` : `Stopped ${so}.`}
      </StateMark>
      {purged + refused === 0 ? null : (
        <p className={styles.note}>What was purged stays purged; the rest is as it was.</p>
      )}
    </>
  );
}
