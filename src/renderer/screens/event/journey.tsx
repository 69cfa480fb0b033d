import { useQuery } from "@tanstack/react-query";
import type { EventView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useNow } from "../../data/ticker.ts";
import { ShapeIcon, StateMark } from "../../ui/mark.tsx";
import { absoluteWords, durationWords } from "../../ui/time-words.ts";
import styles from "./journey.module.css";
import { type JourneyModel, journeyOf, type Lane, placeOf, ticksOf } from "./journey-model.ts";

/** A lane for each instance on the way, time from left to right. */
export function Journey({ event }: { event: EventView }) {
  const { query } = useHub();
  const about = useQuery(query.hub.about.queryOptions());
  const model = journeyOf(event, about.data?.instanceId ?? "This hub", useNow());
  const span = model.to - model.from;
  return (
    <section className={styles.journey} aria-label="Journey">
      <div className={styles.axis} aria-hidden="true">
        <span className={styles.start}>0</span>
        {ticksOf(model).map((tick) => (
          <span key={tick} style={{ left: percent(placeOf(model.from + tick, model)) }}>
            {tickWords(tick)}
          </span>
        ))}
      </div>
      <ol className={styles.lanes}>
        {model.lanes.map((lane) => (
          <LaneRow key={lane.key} lane={lane} model={model} />
        ))}
      </ol>
      <p className={styles.note}>
        {`${durationWords(span)} from the first to the last thing known, starting at ${absoluteWords(model.from)}. Each tenfold of time has the same width.`}
        {model.foreignClock
          ? " The time on the first lane is by the clock of the event's source, which may differ from this hub's."
          : ""}
        {event.chain.length > 1 ? " When the instances in between passed it on is not told." : ""}
      </p>
      <ul className={styles.legend} aria-label="Legend">
        <li>
          <span className={`${styles.swatch} ${styles.queued}`} /> Queued
        </li>
        <li>
          <span className={`${styles.swatch} ${styles.waiting}`} /> Waiting
        </li>
        <li>
          <span className={`${styles.swatch} ${styles.attempt}`} /> Attempt
        </li>
        <li>
          <span className={`${styles.swatch} ${styles.failed}`} /> Failed attempt
        </li>
      </ul>
    </section>
  );
}

/** A round time without the noughts that {@link durationWords} has for uneven ones. */
const tickWords = (ms: number): string =>
  durationWords(ms)
    .replace(/\.0 s$/, " s")
    .replace(/ 00 [sm]$/, "")
    .replace(/ 0 h$/, "");

const percent = (part: number): string => `${(part * 100).toFixed(2)}%`;

function LaneRow({ lane, model }: { lane: Lane; model: JourneyModel }) {
  return (
    <li className={styles.lane} data-kind={lane.kind}>
      <span className={styles.name} title={lane.name}>
        {lane.name}
      </span>
      <div className={styles.track}>
        {lane.segments.map((segment) => {
          const left = placeOf(segment.from, model);
          return (
            <span
              key={`${segment.kind}${segment.from}`}
              role="img"
              aria-label={segment.label}
              title={segment.label}
              className={`${styles.segment} ${segment.failed ? styles.failed : styles[segment.kind]}`}
              style={{ left: percent(left), width: percent(placeOf(segment.to, model) - left) }}
            />
          );
        })}
        {lane.marks.map((mark) => (
          <span
            key={`${mark.label}${mark.at}`}
            className={styles.mark}
            data-tone={mark.tone}
            title={`${mark.label}, ${absoluteWords(mark.at)}`}
            style={{ left: percent(placeOf(mark.at, model)) }}
          >
            <ShapeIcon shape={mark.shape} label={mark.label} />
          </span>
        ))}
      </div>
      <span className={styles.says} title={lane.says}>
        <StateMark tone={lane.tone} shape={lane.shape}>
          {lane.says}
        </StateMark>
      </span>
    </li>
  );
}
