import type { ExplainedReading } from "../../../shared/debugger/index.ts";
import { valueWords } from "../../map/evidence-words.ts";
import { StateMark } from "../../ui/mark.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./explain.module.css";
import { looksOfReading, readingId } from "./reading-looks.ts";

/** Peers that fetch their events themselves: how far this one has come to each, as far as this hub can know. */
export function ReadingList({ readings }: { readings: readonly ExplainedReading[] }) {
  if (readings.length === 0) return null;
  return (
    <section aria-label="Who reads it">
      <h3 className={styles.subheading}>By reading this hub's stream</h3>
      <ul className={styles.list}>
        {readings.map((reading) => (
          <ReadingSays key={reading.peerId} reading={reading} />
        ))}
      </ul>
    </section>
  );
}

function ReadingSays({ reading }: { reading: ExplainedReading }) {
  const { tone, shape, word } = looksOfReading(reading);
  return (
    <li data-says={readingId(reading)} data-reading={reading.outcome}>
      <p data-says={reading.key}>
        <StateMark tone={tone} shape={shape}>
          {reading.name}: {word}
        </StateMark>
      </p>
      <p>{reading.sentence}</p>
      <ReadingFacts reading={reading} />
    </li>
  );
}

/** What was compared, what else there is to know, and by which key and connection it reads. */
export function ReadingFacts({ reading }: { reading: ExplainedReading }) {
  const { evidence, notes, keyPrefix, scopes, connectedSince } = reading;
  const values = valueWords(evidence);
  return (
    <>
      {values.length === 0 ? null : <p className={styles.values}>{values.join(" · ")}</p>}
      {notes.map((note) => (
        <p key={note} className={styles.quiet}>
          {note}
        </p>
      ))}
      <p className={styles.quiet}>
        By the key <code>{keyPrefix}</code>, which follows {scopes.join(", ")};{" "}
        {connectedSince === null ? (
          "not connected now"
        ) : (
          <>
            connected <Time at={connectedSince} />
          </>
        )}
        .
      </p>
    </>
  );
}
