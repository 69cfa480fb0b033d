import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { DEFAULT_RETRY_POLICY, planSchedule } from "../../../shared/rules/index.ts";
import { Button } from "../../ui/button.tsx";
import { Field, TextArea } from "../../ui/field.tsx";
import { countOf } from "../../ui/time-words.ts";
import { NumberField } from "./number-field.tsx";
import styles from "./peers.module.css";
import { readAges, writeAge, writeAges } from "./retry-ages.ts";

type Retry = PeerView["retry"];

/** When a failed entry is tried again, as a list to edit and as the timeline it makes. */
export function RetryField({
  retry,
  onRetry,
  onProblem,
  error,
}: {
  retry: Retry;
  onRetry: (retry: Retry) => void;
  /** Told what is wrong with the list, null when nothing is. */
  onProblem: (problem: string | null) => void;
  error?: string | null;
}) {
  const [text, setText] = useState(writeAges(retry.ages));
  const [problem, setProblem] = useState<string | null>(null);
  const edit = (next: string): void => {
    setText(next);
    const read = readAges(next);
    const found = "problem" in read ? read.problem : null;
    setProblem(found);
    onProblem(found);
    if ("ages" in read) onRetry({ ...retry, ages: read.ages });
  };
  const { maxRetryAfterMs: maxRetryAfter, ages, ...rest } = DEFAULT_RETRY_POLICY;
  return (
    <fieldset className={styles.fieldset}>
      <legend>Retries</legend>
      <Timeline retry={retry} />
      <Field
        label="Ages at which it is tried again"
        error={error ?? problem}
        hint="Counted from the first attempt. After the last one the entry is a dead letter."
      >
        <TextArea rows={3} spellCheck={false} value={text} onChange={({ target }) => edit(target.value)} />
      </Field>
      <div className={styles.columns}>
        <NumberField
          label="Attempts at least"
          value={retry.minAttempts}
          onValue={(minAttempts) => onRetry({ ...retry, minAttempts })}
        />
        <NumberField
          label="Jitter, percent"
          value={Math.round(retry.jitter * 100)}
          onValue={(percent) => onRetry({ ...retry, jitter: percent / 100 })}
        />
        <NumberField
          label="Longest Retry-After, minutes"
          value={Math.round(retry.maxRetryAfter / 60_000)}
          onValue={(minutes) => onRetry({ ...retry, maxRetryAfter: minutes * 60_000 })}
        />
      </div>
      <div>
        <Button
          onClick={() => {
            setText(writeAges(ages));
            setProblem(null);
            onProblem(null);
            onRetry({ ...rest, ages: [...ages], maxRetryAfter });
          }}
        >
          Back to the default schedule
        </Button>
      </div>
    </fieldset>
  );
}

const place = (age: number, last: number): number =>
  age === 0 ? 0 : (Math.log1p(age / 1_000) / Math.log1p(last / 1_000)) * 100;

/** The attempts on a line of time; the first hours are drawn wider. */
function Timeline({ retry }: { retry: Retry }) {
  const plan = planSchedule({ ...retry, maxRetryAfterMs: retry.maxRetryAfter });
  const last = plan.at(-1)?.ageMs ?? 0;
  const says = `${countOf(plan.length, "attempt")} within ${writeAge(last)}: ${plan.map(({ ageMs }) => writeAge(ageMs)).join(", ")}`;
  const named = [1_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000, 259_200_000].filter((age) => age <= last);
  return (
    <div className={styles.timeline} role="img" aria-label={says} title={says}>
      <div className={styles.track}>
        {plan.map(({ attempt, ageMs }) => (
          <i key={attempt} style={{ left: `${place(ageMs, last)}%` }} />
        ))}
      </div>
      <div className={styles.scale} aria-hidden="true">
        {named.map((age) => (
          <span key={age} style={{ left: `${place(age, last)}%` }}>
            {writeAge(age)}
          </span>
        ))}
      </div>
      <p className={styles.second}>
        {countOf(plan.length, "attempt")} within {writeAge(last)}, each {Math.round(retry.jitter * 100)} % earlier or
        later.
      </p>
    </div>
  );
}
