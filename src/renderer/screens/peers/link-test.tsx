import { useCallback, useEffect, useRef, useState } from "react";
import type { z } from "zod";
import type { LinkTestStepView } from "../../../shared/contract/index.ts";
import { LINK_TEST_STEPS, type LinkTestStepName } from "../../../shared/links/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { durationWords } from "../../ui/time-words.ts";
import styles from "./peers.module.css";

type Step = z.infer<typeof LinkTestStepView>;

const NAMES: Readonly<Record<LinkTestStepName, string>> = {
  dns: "DNS",
  tcp: "TCP",
  tls: "TLS",
  http: "HTTP",
  authentication: "Authentication",
  signature: "Signature",
  instance: "Instance id",
  clock: "Clock",
  batch: "Batches",
  round_trip: "Round trip",
  stream: "Stream",
};

const OUTCOMES: Readonly<Record<Step["outcome"], { tone: Tone; shape: Shape; word: string }>> = {
  ok: { tone: "ok", shape: "tick", word: "Passed" },
  warning: { tone: "wait", shape: "warning", word: "Look at this" },
  failed: { tone: "fail", shape: "cross", word: "Failed" },
  skipped: { tone: "idle", shape: "ring", word: "Skipped" },
};

type Run = { readonly state: "none" | "running" | "done"; readonly steps: readonly Step[]; readonly error: unknown };

/** Tests the link by one button: each step appears as it ends, with what to do where it failed. */
export function LinkTest({ peerId }: { peerId: string }) {
  const { client } = useHub();
  const [run, setRun] = useState<Run>({ state: "none", steps: [], error: null });
  const end = useRef<AbortController | null>(null);
  useEffect(() => () => end.current?.abort(), []);
  const start = useCallback(async (): Promise<void> => {
    end.current?.abort();
    const mine = new AbortController();
    end.current = mine;
    const { signal } = mine;
    setRun({ state: "running", steps: [], error: null });
    try {
      for await (const step of await client.links.test({ peerId }, { signal })) {
        if (signal.aborted) return;
        setRun((now) => ({ ...now, steps: [...now.steps, step] }));
      }
      if (!signal.aborted) setRun((now) => ({ ...now, state: "done" }));
    } catch (error) {
      if (!signal.aborted) setRun((now) => ({ ...now, state: "done", error }));
    }
  }, [client, peerId]);
  useActions([{ id: "peer.test", group: "Peer", label: "Test the link", keys: "t", run: () => void start() }]);
  const next = LINK_TEST_STEPS[run.steps.length];
  return (
    <div className={styles.part}>
      <p className={styles.line}>
        <Button look="primary" keys="t" disabled={run.state === "running"} onClick={() => void start()}>
          {run.state === "none" ? "Test the link" : "Test again"}
        </Button>
        <span role="status" className={styles.second}>
          {verdict(run)}
        </span>
      </p>
      <ol className={styles.steps} aria-label="Steps of the test">
        {run.steps.map((step) => (
          <li key={step.step} className={styles.step} data-step={step.step} data-outcome={step.outcome}>
            <b>{NAMES[step.step]}</b>
            <StateMark {...OUTCOMES[step.outcome]}>{OUTCOMES[step.outcome].word}</StateMark>
            <span className={styles.took}>{durationWords(step.duration)}</span>
            <p>{step.result}</p>
            {step.advice === null ? null : <p className={styles.advice}>{step.advice}</p>}
          </li>
        ))}
        {run.state === "running" && next !== undefined ? (
          <li className={styles.step}>
            <b>{NAMES[next]}</b>
            <StateMark tone="busy" shape="arrow">
              Trying
            </StateMark>
          </li>
        ) : null}
      </ol>
      {run.error === null ? null : <p role="alert">{messageOf(run.error)}</p>}
    </div>
  );
}

function verdict({ state, steps, error }: Run): string {
  if (state === "none") return "No event reaches anybody's listeners.";
  if (state === "running") return "Testing…";
  if (error !== null) return "The test could not be made.";
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed !== undefined) return `${NAMES[failed.step]} failed; what comes after it was not tried.`;
  return steps.some(({ outcome }) => outcome === "warning")
    ? "The link works; look at the warnings."
    : "The link works.";
}
