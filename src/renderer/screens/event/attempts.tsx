import { useState } from "react";
import type { AttemptView, EventView } from "../../../shared/contract/index.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { copyText } from "../../ui/copy.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { EmptyState } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { bytesWords, countOf, durationWords } from "../../ui/time-words.ts";
import { attemptCurl } from "./copyables.ts";
import styles from "./event.module.css";

/** Each request to a peer as it was sent and answered, the newest first. */
export function Attempts({ event: { attempts } }: { event: Pick<EventView, "attempts"> }) {
  if (attempts.length === 0)
    return <EmptyState title="No attempts">Nothing was sent to a peer for this event so far.</EmptyState>;
  return (
    <ul className={styles.attempts}>
      {attempts.map((attempt) => (
        <li key={attempt.id}>
          <Attempt attempt={attempt} />
        </li>
      ))}
    </ul>
  );
}

function Attempt({ attempt }: { attempt: AttemptView }) {
  const [open, setOpen] = useState(false);
  const good = attempt.status !== null && attempt.status < 300;
  return (
    <details className={styles.attempt} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <StateMark tone={good ? "ok" : "fail"} shape={good ? "tick" : "cross"}>
          {attempt.status ?? reasonWords(attempt.outcome)}
        </StateMark>
        <span>{attempt.peer.name}</span>
        <span>{durationWords(attempt.duration)}</span>
        {attempt.batch ? <span>batch of {countOf(attempt.entries, "event")}</span> : null}
        <span className={styles.error} title={attempt.error ?? undefined}>
          {attempt.error}
        </span>
        <Time at={attempt.at} />
      </summary>
      {open ? (
        <div className={styles.exchange}>
          <section>
            <h3>Request</h3>
            <CodeBlock
              what="the request"
              text={`POST ${attempt.url}\n${lines(attempt.requestHeaders)}\n\n(${bytesWords(attempt.requestBytes)})`}
            />
            <Button onClick={() => void copyText(attemptCurl(attempt), "the cURL command")}>Copy as cURL</Button>
          </section>
          <section>
            <h3>Response</h3>
            {attempt.responseHeaders === null ? (
              <p>{attempt.error ?? "There was no answer."}</p>
            ) : (
              <CodeBlock
                what="the response"
                text={`${attempt.status ?? ""}\n${lines(attempt.responseHeaders)}\n\n${attempt.responseBody ?? ""}`}
              />
            )}
          </section>
        </div>
      ) : null}
    </details>
  );
}

const lines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
