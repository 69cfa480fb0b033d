import { Link } from "@tanstack/react-router";
import type { LabView } from "../../../shared/contract/index.ts";
import { type CheckedExpectation, sayExpectation } from "../../../shared/lab/index.ts";
import { useHasScreen } from "../../shell/navigation.ts";
import { Badge, type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { countOf, durationWords } from "../../ui/time-words.ts";
import styles from "./lab.module.css";

/** What must be true, with the verdict of this moment; and how the last run ended. */
export function Expectations({ lab }: { lab: LabView }) {
  const { file, report, state, standing } = lab;
  const running = state === "running";
  const checked = running ? null : (standing ?? report?.expectations ?? null);
  return (
    <section className={styles.part} aria-labelledby="lab-expectations">
      <header className={styles.partHead}>
        <h2 id="lab-expectations">Expectations</h2>
        <Run lab={lab} />
      </header>
      {file.expect.length === 0 ? (
        <p className={styles.faint}>This lab expects nothing. Save it, and add some to its file.</p>
      ) : null}
      <ol className={styles.checks}>
        {file.expect.map((one, at) => {
          const sentence = sayExpectation(one);
          const found = checked?.[at];
          return <Check key={sentence} sentence={sentence} found={found} lab={lab} />;
        })}
      </ol>
      {checked === null && !running && lab.published > 0 ? (
        <p className={styles.faint}>Not judged all the time with so many events. Run the steps for a verdict.</p>
      ) : null}
    </section>
  );
}

function Run({ lab: { state, report, error } }: { lab: LabView }) {
  if (state === "running")
    return (
      <Badge tone="busy" shape="arrow">
        Taking the steps
      </Badge>
    );
  if (error !== null)
    return (
      <Badge tone="fail" shape="cross">
        The run broke off
      </Badge>
    );
  if (report === null) return <span className={styles.faint}>Not run yet</span>;
  const failed = report.expectations.filter(({ ok }) => !ok).length;
  const ran = `${countOf(report.published, "event")}, ${durationWords(report.totalMs)}`;
  return (
    <>
      <span className={styles.faint}>{ran}</span>
      <Badge tone={failed === 0 ? "ok" : "fail"} shape={failed === 0 ? "tick" : "cross"}>
        {failed === 0 ? `Passed ${report.expectations.length}` : `Failed ${failed} of ${report.expectations.length}`}
      </Badge>
    </>
  );
}

interface Verdict {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
}

/** While something is under way, what does not hold may still come true. */
function verdictOf(found: CheckedExpectation | undefined, { published, quiet, state }: LabView): Verdict {
  if (state === "running") return { tone: "wait", shape: "clock", word: "Waits" };
  if (found === undefined || published === 0) return { tone: "idle", shape: "ring", word: "Open" };
  if (found.ok) return { tone: "ok", shape: "tick", word: "Holds" };
  return quiet ? { tone: "fail", shape: "cross", word: "Fails" } : { tone: "wait", shape: "clock", word: "Not yet" };
}

function Check({ sentence, found, lab }: { sentence: string; found: CheckedExpectation | undefined; lab: LabView }) {
  const { tone, shape, word } = verdictOf(found, lab);
  return (
    <li className={styles.check} data-verdict={word}>
      <span className={styles.verdict}>
        <StateMark tone={tone} shape={shape}>
          {word}
        </StateMark>
      </span>
      <div className={styles.says}>
        <span>{sentence}</span>
        {found === undefined || found.ok || word === "Open" ? null : <Details details={found.details} />}
      </div>
      {found?.event && word !== "Open" ? <Shown event={found.event} lab={lab} /> : null}
    </li>
  );
}

/** The first case in sight and the others behind it, so that many of them do not push everything away. */
function Details({ details: [first, ...more] }: { details: readonly string[] }) {
  if (more.length === 0) return <p className={styles.details}>{first}</p>;
  return (
    <details className={styles.details}>
      <summary>{first}</summary>
      {more.map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
    </details>
  );
}

/** The event that shows it, at the hub where it can be looked at; and why it is as it is. */
function Shown({ event, lab }: { event: NonNullable<CheckedExpectation["event"]>; lab: LabView }) {
  const hasExplain = useHasScreen("explain");
  const hub = lab.hubs.find(({ key }) => key === event.hub);
  if (hub === undefined) return null;
  const to = `/${hub.hubId}/event/${event.seq}`;
  const decisions = { tab: "decisions" };
  return (
    <span className={styles.shown}>
      <Link to={to} title={`${event.id}, seq ${event.seq} at ${event.hub}`}>
        {event.hub} #{event.seq}
      </Link>
      {hasExplain ? (
        <Link to={`/${hub.hubId}/explain`} search={{ seq: event.seq } as never}>
          Why
        </Link>
      ) : (
        <Link to={to} search={decisions as never}>
          Why
        </Link>
      )}
    </span>
  );
}
