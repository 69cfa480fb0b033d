import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Progress } from "../../ui/progress.tsx";
import { countOf } from "../../ui/time-words.ts";
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

/** A purge as it goes; leaving the screen ends it between two steps, as Cancel does. */
export function PurgeRun({ wanted, onDone }: { wanted: PurgeWanted; onDone: () => void }) {
  const { client } = useHub();
  const [step, setStep] = useState<Step>({ purged: 0, total: 0, cancelled: 0, refused: 0 });
  const [state, setState] = useState<State>({ kind: "running" });
  const end = useRef<AbortController | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    end.current = abort;
    const run = async (): Promise<void> => {
      try {
        for await (const each of await client.events.purge(wanted, { signal: abort.signal })) {
          setStep(each);
          if (each.done) setState({ kind: "done" });
        }
      } catch (error) {
        if (!abort.signal.aborted) setState({ kind: "failed", why: messageOf(error) });
      }
    };
    // In the next turn, so that an effect that is undone at once has started nothing.
    const timer = setTimeout(() => void run(), 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, wanted]);
  const stop = (): void => {
    end.current?.abort();
    setState({ kind: "stopped" });
  };
  const running = state.kind === "running";
  const purged = purgedOf(step.purged, step.refused);
  const owed = step.cancelled === 0 ? "" : `, and ${countOf(step.cancelled, "delivery", "deliveries")} cancelled`;
  return (
    <div className={styles.section}>
      <Progress
        label={running ? "Purging" : state.kind === "done" ? "Purged" : "Stopped"}
        done={step.purged + step.refused}
        total={step.total}
        onCancel={running ? stop : undefined}
      />
      {running ? null : (
        <>
          <p role="status">
            {state.kind === "done" ? (
              <StateMark tone="ok" shape="tick">
                {`${purged} purged${owed}.`}
              </StateMark>
            ) : (
              <StateMark
                tone={state.kind === "failed" ? "fail" : "wait"}
                shape={state.kind === "failed" ? "cross" : "pause"}
              >
                {state.kind === "failed"
                  ? `It stopped after ${purged}: ${state.why}`
                  : `Stopped after ${purged}${owed}. What was purged stays purged.`}
              </StateMark>
            )}
          </p>
          <div className={styles.foot}>
            <Button onClick={onDone}>Back to the filter</Button>
          </div>
        </>
      )}
    </div>
  );
}
