import { useMutation, useQuery } from "@tanstack/react-query";
import type { AskedEvent } from "../../../shared/contract/index.ts";
import {
  type Explanation,
  type ProbeStep,
  probeContradictions,
  type TopologyMap,
} from "../../../shared/debugger/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { valueWords } from "../../map/evidence-words.ts";
import { Button } from "../../ui/button.tsx";
import { Switch } from "../../ui/field.tsx";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import styles from "./explain.module.css";

const BEYOND: Readonly<Record<ProbeStep["beyond"], string>> = {
  answered: "",
  not_offered: "",
  unreachable: "Unknown beyond here.",
  out_of_budget: "Unknown beyond here.",
  not_sent: "",
};

/** The hubs themselves are asked, each for its own part; nothing is delivered. */
export function Probe({
  event,
  map,
  explanation,
}: {
  event: AskedEvent | null;
  map: TopologyMap;
  explanation: Explanation | null;
}) {
  const { query, client, queries } = useHub();
  const answers = useQuery(query.explain.probes.queryOptions());
  const probe = useMutation({ mutationFn: (asked: AskedEvent) => client.explain.probe({ event: asked }) });
  const allow = async (wanted: boolean): Promise<void> => {
    try {
      await client.explain.setProbes({ answers: wanted });
      await queries.invalidateQueries({ queryKey: query.explain.probes.key() });
    } catch (error) {
      toast.failed("Not changed", messageOf(error));
    }
  };
  return (
    <div className={styles.side}>
      <p>
        The explanation reads the map. A probe asks the hubs themselves, each for its own part: a dry run that delivers
        nothing. A hub answers when its owner allows it.
      </p>
      <div className={styles.line}>
        <Button
          look="primary"
          disabled={event === null || probe.isPending}
          onClick={() => (event === null ? undefined : probe.mutate(event))}
        >
          {probe.isPending ? "Asking…" : "Ask the hubs"}
        </Button>
        {event === null ? <span className={styles.quiet}>Choose an event first.</span> : null}
      </div>
      {probe.error === null ? null : <ErrorState title="The probe failed" error={probe.error} />}
      {probe.isPending ? <Skeleton lines={4} /> : null}
      {probe.data === undefined ? null : (
        <section aria-label="What the hubs say">
          {explanation === null ? null : <Agreement against={probeContradictions(map, explanation, probe.data)} />}
          <h2 className={styles.subheading}>What the hubs say</h2>
          <ul className={styles.list}>
            {probe.data.instances.map(({ id, hops, copies, known }) => (
              <li key={id}>
                <StateMark tone={known ? "ok" : "wait"} shape={known ? "tick" : "warning"}>
                  {id}: hop {hops}, {countOf(copies, "copy", "copies")}
                  {known ? "" : ", did not answer"}
                </StateMark>
              </li>
            ))}
          </ul>
          <h2 className={styles.subheading}>Link by link</h2>
          <ul className={styles.list}>
            {probe.data.steps.filter(isOpen).map((step) => (
              <Step key={step.number} step={step} />
            ))}
          </ul>
          {probe.data.steps.length === 0 ? <p>This hub has no peer to forward it to.</p> : null}
        </section>
      )}
      <h2 className={styles.subheading}>The other way round</h2>
      <div className={styles.line}>
        <Switch
          label="Peers may ask this hub about its links"
          checked={answers.data?.answers ?? false}
          disabled={answers.data === undefined}
          onChecked={(wanted) => void allow(wanted)}
        />
        <span>Peers may ask this hub about its links</span>
      </div>
      <p className={styles.quiet}>
        They learn then to whom it forwards and by which limits, for their maps, and what would become of an event, for
        their probes. What their peers allow as well, they pass on. Neither tokens nor addresses are told.
      </p>
    </div>
  );
}

/** Whether the map can be trusted in this. */
function Agreement({ against }: { against: readonly string[] }) {
  if (against.length === 0)
    return (
      <p className={styles.sentence}>
        <StateMark tone="ok" shape="tick">
          As far as the hubs answered, they say what the map predicts.
        </StateMark>
      </p>
    );
  return (
    <ul className={styles.list} aria-label="Where the hubs say otherwise than the map">
      {against.map((sentence) => (
        <li key={sentence} className={styles.sentence}>
          <StateMark tone="wait" shape="warning">
            {sentence}
          </StateMark>
        </li>
      ))}
    </ul>
  );
}

/** A peer that is there so that events may come from it, and is sent nothing, tells nothing about this one. */
function isOpen({ reason, evidence }: ProbeStep): boolean {
  const scopes = evidence?.["scopes"];
  return !(reason === "out_of_scope" && Array.isArray(scopes) && scopes.length === 0);
}

function Step({ step }: { step: ProbeStep }) {
  const [tone, shape, word] = lookOf(step);
  const values = valueWords(step.evidence);
  return (
    <li>
      <p className={styles.line}>
        <strong>
          {step.number} {step.from} → {step.to}
        </strong>
        <StateMark tone={tone} shape={shape}>
          {word}
        </StateMark>
      </p>
      <p>
        {step.sentence} {BEYOND[step.beyond]}
      </p>
      {values.length === 0 ? null : <p className={styles.values}>{values.join(" · ")}</p>}
    </li>
  );
}

function lookOf({ forwards, reason, admits, holds, waits, hops }: ProbeStep): readonly [Tone, Shape, string] {
  if (!forwards) return [reason === "loop" ? "idle" : "fail", "barred", "stopped"];
  if (admits === false) return ["fail", "cross", "refused"];
  if (waits) return ["wait", "pause", "waits"];
  if (holds === true) return ["idle", "ring", "holds it already"];
  return admits === null ? ["wait", "arrow", `sent as hop ${hops}`] : ["ok", "tick", `hop ${hops}`];
}
